"""Tool code against its contracts: one function per tool, the contract's parameters, the contract's error codes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from envfactory.environments.contract import Contract, Contracts, Parameter
from envfactory.gate.lint.findings import Finding
from envfactory.gate.lint.module import FILE, Function, Module, line, names_read

_TYPES = {
    "string": {"str"},
    "integer": {"int"},
    "number": {"float"},
    "boolean": {"bool"},
    "array": {"list", "List", "Sequence"},
}
_TYPES["object"] = {"dict", "Dict", "Mapping"}
_PLAIN_NAMES = frozenset(
    {"str", "int", "float", "bool", "list", "dict", "set", "tuple", "List", "Dict", "Sequence", "Mapping"}
)


def promise_findings(module: Module, contracts: Contracts) -> Iterator[Finding]:
    """Yield every difference between what the contracts promise and what can be seen of the functions."""
    tools = {tool.name for tool in contracts.tools}
    for name, function in module.functions.items():
        if name not in tools and not name.startswith("_"):
            yield Finding("stray", line(function), f"{name} is no tool", f"call a helper _{name}, or remove it")
    raised = Raised(module)
    for contract in contracts.tools:
        own = module.functions.get(contract.name)
        if own is None:
            yield Finding("signature", FILE, f"no function {contract.name}", "define it", contract.name)
            continue
        yield from _signature(own, contract)
        yield from _unused(own, contract)
        yield from _codes(raised, own, contract)
    yield from raised.unclear


def _signature(function: Function, contract: Contract) -> Iterator[Finding]:
    where, tool = line(function), contract.name
    arguments = function.args
    if len(arguments.posonlyargs + arguments.args) != 1 or arguments.vararg or arguments.kwarg:
        wanted = ", ".join(["context", *(["*"] if contract.parameters else []), *contract.parameters])
        yield Finding(
            "signature", where, "takes other than a context and keyword-only parameters", f"def {tool}({wanted})", tool
        )
    given = {argument.arg: argument for argument in [*arguments.args[1:], *arguments.kwonlyargs]}
    for name in sorted(set(contract.parameters) ^ set(given)):
        problem = "lacks the parameter" if name in contract.parameters else "takes what the contract does not know:"
        yield Finding(
            "signature", where, f"{tool} {problem} {name}", "give the function exactly the contract's parameters", tool
        )
    defaults = dict(zip((argument.arg for argument in arguments.kwonlyargs), arguments.kw_defaults, strict=True))
    for name, parameter in contract.parameters.items():
        if name in given:
            yield from _argument(given[name], parameter, tool)
            yield from _default(defaults.get(name), name, parameter, tool)


def _argument(argument: ast.arg, parameter: Parameter, tool: str) -> Iterator[Finding]:
    if argument.annotation is None:
        yield Finding(
            "signature", line(argument), f"{argument.arg} has no annotation", "annotate every parameter", tool
        )
        return
    names = names_read(argument.annotation) | _quoted_names(argument.annotation)
    plain = names & _PLAIN_NAMES
    if plain and not plain & _TYPES[parameter.type]:
        wanted = sorted(_TYPES[parameter.type])[0]
        message = f"{argument.arg} is annotated {ast.unparse(argument.annotation)}, the contract says {parameter.type}"
        yield Finding("signature", line(argument), message, f"annotate it {wanted}", tool)


def _quoted_names(annotation: ast.expr) -> set[str]:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return names_read(ast.parse(annotation.value, mode="eval"))
        except SyntaxError:
            return set()
    return set()


def _default(default: ast.expr | None, name: str, parameter: Parameter, tool: str) -> Iterator[Finding]:
    if isinstance(default, ast.Constant) and default.value != parameter.default:
        message = f"{name} defaults to {default.value!r}, the contract says {parameter.default!r}"
        yield Finding(
            "signature", line(default), message, "use the contract's default, or none: the runtime fills it in", tool
        )


def _unused(function: Function, contract: Contract) -> Iterator[Finding]:
    read = names_read(ast.Module(function.body, []))
    for name in contract.parameters:
        if name not in read:
            yield Finding(
                "ignored",
                line(function),
                f"{contract.name} never reads {name}",
                "do with it what the contract says",
                contract.name,
            )


def _codes(raised: Raised, function: Function, contract: Contract) -> Iterator[Finding]:
    seen = raised.codes(function)
    for code in sorted(set(seen) - set(contract.errors)):
        yield Finding(
            "codes",
            seen[code],
            f"{contract.name} raises {code}, which its contract does not declare",
            "raise a declared code",
            contract.name,
        )
    for code, spec in contract.errors.items():
        if code not in seen and not spec.subsumed_by:
            message = f"{contract.name} never raises {code}, which its contract declares"
            yield Finding(
                "codes", line(function), message, f'check the rule and raise ToolError("{code}", ...)', contract.name
            )


class Raised:
    """The error codes that each function raises, itself or through the helpers it calls, with the place of each.

    A helper may take the code as an argument; then the callers' literals count. `unclear` are the raises that cannot
    be followed, or that are not a ToolError.
    """

    def __init__(self, module: Module) -> None:
        self._module = module
        self._direct: dict[str, dict[str, str]] = {}
        self._through: dict[str, set[str]] = {}
        self.unclear: list[Finding] = []
        for function in module.functions.values():
            self._direct[function.name], self._through[function.name] = self._read(function)

    def codes(self, function: Function) -> dict[str, str]:
        """Return the codes a function can raise, each with a place where it stands."""
        found: dict[str, str] = {}
        for reached in self._module.reach(function.name):
            found.update(self._direct[reached.name])
            for node in ast.walk(reached):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and self._through.get(node.func.id):
                    found.update(self._passed(node, self._module.functions[node.func.id]))
        return found

    def _read(self, function: Function) -> tuple[dict[str, str], set[str]]:
        direct: dict[str, str] = {}
        through: set[str] = set()
        parameters = {
            argument.arg for argument in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        }
        for node in ast.walk(function):
            if isinstance(node, ast.Raise) and node.exc is not None and not self._is_refusal(node.exc):
                message = f"raises {ast.unparse(node.exc)[:60]}"
                self.unclear.append(
                    Finding("codes", line(node), message, 'raise ToolError("CODE", "message")', function.name)
                )
            if isinstance(node, ast.Call) and self._is_refusal(node):
                code = _code_argument(node)
                text = self._module.text(code) if code is not None else None
                if text is not None:
                    direct[text] = line(node)
                elif isinstance(code, ast.Name) and code.id in parameters:
                    through.add(code.id)
                else:
                    self._unclear_code(node, function)
        return direct, through

    def _is_refusal(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ToolError"

    def _unclear_code(self, node: ast.Call, function: Function) -> None:
        message = f"a code that is not a literal: {ast.unparse(node)[:80]}"
        self.unclear.append(Finding("codes", line(node), message, "write the code out", function.name))

    def _passed(self, call: ast.Call, callee: Function) -> dict[str, str]:
        """Return the literal codes a call passes to the parameters its callee raises."""
        positions = [argument.arg for argument in [*callee.args.posonlyargs, *callee.args.args]]
        values = dict(zip(positions, call.args, strict=False))
        values.update({keyword.arg: keyword.value for keyword in call.keywords if keyword.arg})
        texts = (self._module.text(values[name]) for name in self._through[callee.name] if name in values)
        return {text: line(call) for text in texts if text is not None}


def _code_argument(node: ast.Call) -> ast.expr | None:
    if node.args:
        return node.args[0]
    return next((keyword.value for keyword in node.keywords if keyword.arg == "code"), None)
