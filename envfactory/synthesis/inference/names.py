"""What a property's name tells of it: a name, a state, a date, an amount, a text, or nothing a person would say."""

from __future__ import annotations

import re

MONEY = re.compile(r"amount|price|cost|total|fee|salary|balance|rate|value|subtotal|tax|discount|tip")
MONEY_ALONE = re.compile(r"(^|_)(amount|price|subtotal|balance|unit_price)$")
DATE_WORD = re.compile(r"(^|_)(date|day|birthday|dob|deadline|due|due_on)$")
TIME_WORD = re.compile(r"(^|_)(at|time|timestamp|datetime|since|until|on)$|_(last_)?(updated|modified|created)$")
COUNT_WORD = re.compile(r"_(unread|total|count)$|^(total|count|num)_")
EMAIL_WORD = re.compile(r"(^|_)e?mail(_address)?$|^(from|to|reply_to|cc|bcc|sender|recipient)(_address)?$")
CURRENCY_WORD = re.compile(r"(^|_)currency(_code|_iso_code)?$")

STATUS_NAMES = ("status", "state", "stage", "lifecycle_status")
NAME_WORDS = tuple("name title label subject summary display_name full_name friendly_name headline legal_name".split())
LONG_TEXT = tuple(
    "description body text content note notes comment message bio details snippet memo about reason instructions".split()
)
CREATED = frozenset(
    "created_at created create_time creation_time creation_date date_created created_time created_date time_created "
    "inserted_at utc_created_at created_on added_at".split()
)
UPDATED = frozenset(
    "updated_at updated update_time modified_at last_modified date_updated last_updated modified_time last_modification_date "
    "last_modified_time modify_time modification_time utc_updated_at modified edited_at updated_on".split()
)
PERMISSION_WORDS = frozenset(
    "can has allow allowed allows restrictions capabilities permissions available enable notify".split()
)
COMMAND_WORDS = frozenset("send force validate dry unset notify async replace overwrite skip import".split())
TOLD_WORDS = frozenset("email phone city country priority quantity amount price description body date".split())
_UNSAID_WORDS = frozenset(
    "etag kind href url uri link links html token tokens secret hash checksum md5 sha sha1 sha256 fingerprint cursor "
    "base64 blob json xml arn kms crc etags mime avatar icon thumbnail image photo picture signature nonce salt password "
    "passwd pass hashed internal downstream custom extra extras metadata meta passthrough mappings attributes annotations "
    "sid uuid guid self ip user_agent idempotency client_token template_path api version schema public_key private_key "
    "key_pair pem pkcs7 pkcs12 cert certificate i18n locale_key row offset index cfi websocket callback webhook sql regex "
    "encoding resource_type object uploaded gadget anchor bytes generator rgb fancy".split()
)
_UNSAID_ENDINGS = tuple(
    "_url _uri _href _html _token _hash _arn _json _link _sha _template _path_lower _by_me_time _with_me_time".split()
)
_UNSAID_FORMATS = frozenset({"uri", "url", "byte", "binary", "uuid", "password"})
_SPEAKABLE = re.compile(
    r"(name|title|label|subject|summary|headline|description|body|text|content|notes?|comment|message|bio|memo|reason|snippet"
    r"|e?mail|phone|telephone|mobile|street|address|city|town|region|country|postcode|zip|postal_code|company|employer|currency"
    r"|language|locale|time_?zone|colou?r|username|login|job_title|position|role|gender|carrier|author|artist|category|type"
    r"|location|place|room|department|team|number|code|reference|expression|method|manufacturer|publisher|brand|model|level"
    r"|labels|relation|topic|kind|unit|size|value)$"
)


DELETED = frozenset({"deleted", "is_deleted", "removed"})


def is_unsaid(name: str, form: str) -> bool:
    """Whether a property is for programs only: a link, a token, a hash, mark-up."""
    words = set(name.split("_"))
    return bool(words & _UNSAID_WORDS) or name.endswith(_UNSAID_ENDINGS) or form in _UNSAID_FORMATS


def is_speakable(name: str) -> bool:
    """Whether free text of this name is something a person would give or ask for."""
    return bool(_SPEAKABLE.search(name))
