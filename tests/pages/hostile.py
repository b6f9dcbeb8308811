"""What a model or a document may say to make a page do something. Whoever succeeds sets `window.hacked`."""

from __future__ import annotations

HOSTILE = (
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=2</script>",
    "\"><img src=x onerror='window.hacked=3'>",
    "' onmouseover='window.hacked=4' x='",
    "<!--<script>window.hacked=5</script>-->",
    "</textarea></title></style><svg onload=window.hacked=6>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp;amp; &#x3C;script&#x3E;",
    "javascript:window.hacked=7",
    "\u202e\u2028\u2029 \x00 ﷽ 👩‍👩‍👧",
    "]]><script>window.hacked=8</script>",
)
ALL = "\n".join(HOSTILE)
