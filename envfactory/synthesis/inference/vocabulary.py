"""Words for seed data: what a name, title or text of a given noun sounds like.

A noun in the table has its own words; any other gets names made of a qualifier and the noun itself ("Northern Warehouse").
"""

from __future__ import annotations

from envfactory.synthesis.inference.words import spoken

PEOPLE = frozenset(
    "agent applicant artist assignee attendee author candidate client collaborator contact customer doctor "
    "driver employee guest member owner participant passenger patient person recipient sender staff student "
    "subscriber teacher traveler traveller user vet".split()
)
_NAMES: dict[str, str] = {
    "pet": (
        "Bella; Milo; Coco; Rocky; Luna; Oscar; Daisy; Simba; Nala; Biscuit; Shadow; Pepper; Ginger; Toby; "
        "Willow; Ziggy"
    ),
    "pet_type": "cat; dog; lizard; snake; bird; hamster; rabbit; tortoise",
    "specialty": "radiology; surgery; dentistry; dermatology; cardiology; behaviour",
    "label": (
        "Invoices; Travel; Family; Receipts; Urgent; Follow up; Newsletters; Clients; Project Atlas; Tax "
        "2026; Waiting; Ideas"
    ),
    "tag": "urgent; finance; travel; design; question; bug; backend; holiday; review; legal; onboarding; research",
    "task": (
        "Send the tax return; Buy paint for the hallway; Call the plumber; Draft the quarterly report; Renew "
        "the passport; Book a dentist; Order printer paper; Prepare the offsite agenda; Water the plants; "
        "Review Ana's proposal; Cancel the gym; Back up the laptop; Collect the parcel; Update the risk "
        "register; Plan the team lunch; Fix the garden gate"
    ),
    "list": "Home; Office; Shopping; Garden; Holiday in Crete; Moving house; Q3 planning; Reading; Car; Wedding",
    "calendar": (
        "Work; Family; School terms; Football club; Birthdays; On call; Holidays; Choir; Product launch; "
        "Dentist practice"
    ),
    "event": (
        "Team stand-up; Dentist; Budget review; Lunch with Priya; Parents' evening; Sprint planning; Piano "
        "lesson; Flight to Oslo; Board meeting; Car service; Yoga class; Interview: data engineer; Birthday "
        "dinner; Client demo; Fire drill; Book club"
    ),
    "playlist": (
        "Morning run; Deep focus; Sunday kitchen; Road trip; Rainy evening; Party 2000s; Sleep; Gym; Jazz for "
        "work; Summer in Lisbon"
    ),
    "track": (
        "Paper Boats; Night Ferry; Glass Garden; Low Tide; Second Summer; Copper Wire; North Window; Slow "
        "Signal; Salt Road; Yellow Room; Long Division; Harbour Lights; Static Bloom; Winter Fruit; Little "
        "Engines; Open Water"
    ),
    "album": (
        "Tidelines; The Quiet Year; Northern Rooms; Satellite Town; Paper Lanterns; Weather Report; Small "
        "Hours; Blue Hour; Fieldnotes; Cartography; Afterimage; Home Movies"
    ),
    "book": (
        "The Salt Path Home; A Field of Clocks; Letters from Tromsø; The Glass Orchard; Seven Small Rivers; "
        "The Cartographer's Son; Winter Bread; The Last Lighthouse; Notes on Silence; The Ninth Bridge; "
        "Harbour Songs; An Honest Machine"
    ),
    "volume": (
        "The Salt Path Home; A Field of Clocks; Letters from Tromsø; The Glass Orchard; Seven Small Rivers; "
        "The Cartographer's Son; Winter Bread; The Last Lighthouse; Notes on Silence; The Ninth Bridge; "
        "Harbour Songs; An Honest Machine"
    ),
    "product": (
        "Walking tour of the old town; Harbour kayak trip; Desk lamp; Wool blanket; Ceramic mug; Trail "
        "backpack; Olive oil tasting; Rain jacket; Espresso machine; Board game night; Sunset cruise; Bread "
        "knife"
    ),
    "item": (
        "Margherita; Caesar salad; Flat white; Lentil soup; Chocolate tart; Lemonade; Grilled halloumi; "
        "Veggie burger; Fish tacos; Garlic bread; Iced tea; Carrot cake; Club sandwich; Espresso; Mushroom "
        "risotto; Apple pie"
    ),
    "merchant": (
        "Harbour Kitchen; Café Miro; Green Fork; Bakery Lindt & Son; Taco Norte; The Corner Deli; Noodle "
        "Lane; Pizzeria Vela"
    ),
    "location": (
        "Old Town; Station Square; Riverside; Airport Terminal 2; University Campus; Market Hall; North Gate; "
        "Harbourfront"
    ),
    "department": (
        "Finance; Engineering; Customer Support; Marketing; Legal; Operations; People; Sales; Research; Facilities"
    ),
    "company": (
        "Alder & Finch; Northwind Logistics; Bluebird Health; Castell Foods; Orion Robotics; Maple Street "
        "Books; Vela Energy; Kestrel Media"
    ),
    "job": (
        "Data engineer; Account manager; Staff nurse; Product designer; Warehouse lead; Tax adviser; Site "
        "reliability engineer; Recruiter; Line cook; Technical writer; Field technician; Head of finance"
    ),
    "topic": (
        "How do you organise receipts?; Best walking boots; Release 3.2 feedback; Introduce yourself; Printer "
        "keeps jamming; Reading group: June; Feature request: dark mode; Lost property; Bike to work week; "
        "Garden swap; Login loop on mobile; Holiday rota"
    ),
    "category": "Announcements; Support; Ideas; Off topic; Showcase; Housing; Outdoor; Books; Kitchen; Electronics",
    "group": (
        "Editors; Night shift; Warehouse; Board; Mentors; Finance team; Volunteers; Beta testers; Drivers; Moderators"
    ),
    "team": "Platform; Design; Payments; Growth; Field service; Quality; Docs; Infrastructure",
    "issue": (
        "Login fails after password reset; Export drops the last row; Dark mode contrast; Crash on empty "
        "cart; Add Portuguese; Slow search on mobile; Typo in the invoice e-mail; Wrong time zone in reports; "
        "Upload stops at 99 %; Docs: missing example; Flaky test in CI; Keyboard focus lost"
    ),
    "pull": (
        "Fix time zone of reports; Add Portuguese translation; Cache search results; Drop legacy exporter; "
        "Retry failed uploads; Document the API limits; Speed up the login page; Validate addresses; Refactor "
        "the cart; Pin dependencies"
    ),
    "milestone": "1.0; 1.1; Beta; Summer release; Security audit; 2.0; Backlog clean-up; Launch",
    "repository": "atlas; ledger-api; harbour-ui; fieldnotes; kestrel; menu-board; tidelines; docs-site",
    "branch": "main; develop; release-1.2; fix-login; feature-search; hotfix-42",
    "file": (
        "Budget 2026.xlsx; Floor plan.pdf; Minutes May.docx; Logo.svg; Contract draft.docx; Holiday "
        "photos.zip; Roadmap.pptx; Invoice 1182.pdf; Recipes.txt; Survey results.csv; Onboarding guide.pdf; "
        "Inventory.xlsx"
    ),
    "drive": "Finance; Marketing; Legal archive; Field service; Design assets; Board papers; People; Research",
    "conversation": (
        "Order 1182: late delivery; Viewing on Friday; Refund request; Table for six; Flat 4B heating; New "
        "account; Warranty question; Group trip to Porto"
    ),
    "message": (
        "Delivery delayed until Thursday; Your table is booked; Minutes of Monday's call; Can we move to 3 "
        "pm?; Invoice attached; Disk almost full; Backup finished; Door sensor offline; Photos from Saturday; "
        "Welcome aboard; Reminder: forms due Friday; New sign-in"
    ),
    "application": (
        "Home server; Door sensors; Backup job; Weather station; Build pipeline; Printer room; Greenhouse; Camera hub"
    ),
    "template": (
        "Welcome; Monthly invoice; Password reset; Event reminder; Order shipped; Feedback request; Price "
        "change; Consulting invoice"
    ),
    "broadcast": (
        "June newsletter; Summer sale; Maintenance on Sunday; New opening hours; Product update 3.2; Survey "
        "invitation; Season preview; Price change"
    ),
    "segment": "Newsletter; VIP customers; Trial users; Lapsed customers; Berlin; Partners; Beta testers; Students",
    "schedule": (
        "nightly-backup; weekly-report; invoice-run; cache-warmup; log-cleanup; price-import; newsletter-"
        "send; stock-sync; audit-export; session-purge; index-rebuild; health-probe"
    ),
    "schedule_group": "billing; reporting; maintenance; imports; notifications; archive",
    "role": "Administrator; Moderator; Agent; Viewer; Editor; Auditor; Support lead; Guest",
    "pull_request": (
        "Fix time zone of reports; Add Portuguese translation; Cache search results; Drop legacy exporter; "
        "Retry failed uploads; Document the API limits; Speed up the login page; Validate addresses"
    ),
    "task_list": "Home; Office; Shopping; Garden; Holiday in Crete; Moving house; Q3 planning; Reading; Car; Wedding",
    "channel": "general; support; announcements; random; launch; oncall",
    "project": (
        "Atlas; Harbour relaunch; Warehouse move; Annual report; Mobile app; Kitchen refit; Archive "
        "digitisation; Onboarding revamp"
    ),
    "listing": (
        "Sunny two-bedroom by the river; Loft near the station; Garden flat with terrace; Studio in the old "
        "town; House with workshop; Penthouse on the quay; Cottage at the lake; Family home with garage; Room "
        "in shared flat; Attic with a view"
    ),
    "badge": "First post; Helpful answer; Anniversary; Night owl; Translator; Bug hunter; Host; Explorer",
    "asset_type": "Vehicles; Computers; Office furniture; Machinery; Buildings; Software licences",
    "asset": (
        "Delivery van; MacBook Pro 14; Meeting table; Forklift; Espresso machine; Server rack; Label printer; "
        "Office chair; Projector; Pallet truck"
    ),
    "silence": (
        "Planned database upgrade; Noisy disk alert; Data centre move; Load test; Certificate renewal; "
        "Weekend maintenance"
    ),
    "shelf": "Fiction; History; Travel; Science; Cookery; Poetry",
    "bookshelf": "To read; Favourites; Reading now; Have read; Holiday; Work",
    "room": "Aurora; Juniper; Harbour; Library; Studio 2; Boardroom; Workshop; Annex",
}
_QUALIFIERS = (
    "Northern; Central; Riverside; Spring; Regional; Priority; Weekend; Harbour; Evening; Junior; Summer; "
    "Annual; Partner; Field; Reserve; Express; Coastal; Upper; Interim; Golden; Quiet; Global; Winter; Open"
).split("; ")
SENTENCES = (
    "Please bring the signed form. | Ask for a table by the window. | Second attempt after the first one "
    "failed. | Agreed with the customer by phone. | Needs a quick check before Friday. | Moved from last "
    "month. | Paid by card on arrival. | Leave it at the reception. | Only for internal use. | Replaces the "
    "version from March. | The usual arrangement, with one change. | Short notice, handle with care. | "
    "Confirmed by e-mail. | See the notes of the last visit. | For the whole family. | Check the figures once "
    "more."
).split(" | ")

_TEXTS: dict[str, str] = {
    "visit": "Annual vaccination | Dental check | Limping on the left hind leg | Ear infection, second visit | Weight control | "
    "Stitches removed | Blood test before surgery | Skin rash on the belly | Neutering | Claws trimmed | Eye drops renewed | Cough since Sunday",
    "event": "Bring the printed agenda | Dial-in details follow | Room changed to Juniper | Second date after the first one fell through | "
    "Lunch is ordered | Parking behind the building | Agenda: budget, hiring, office move | Please confirm by Friday",
    "message": "Can we move to Thursday? | Thanks, that worked. | The invoice is attached. | I will be ten minutes late. | Which size do you need? | "
    "The parcel arrived today. | Please call me back after four. | See you at the station. | The code is no longer valid. | Could you send the address again?",
    "thread": "Can we move to Thursday? | Your order has left the warehouse | Minutes of Monday's call | Photos from Saturday | "
    "Reminder: forms due on Friday | Rent for June | Your appointment is confirmed | New sign-in on your account",
    "comment": "Looks good to me. | The total in row 14 is off. | Who owns this section? | Please shorten the summary. | Same on my side. | "
    "Fixed, thanks for the hint. | Can we cite a source here? | The date has passed.",
    "issue": "Happens on every second try. | Only in the Portuguese version. | Steps: open, save, reload. | Worked until the last release. | "
    "A screenshot is attached. | Three customers reported it. | Reproduced on a clean install. | Low priority, but annoying.",
    "task": "Ask for two offers first. | The key is with the neighbour. | Before the end of the month. | Call ahead, they close at noon. | "
    "Half of it is done. | Needs a second person. | Receipt goes to accounting. | Use the new template.",
    "job": "You plan and run weekly deliveries. | A team of six, hybrid work. | You look after forty customers. | Shift work, full training. | "
    "You build our reporting. | Part of the night team. | You write what others forget to. | Permanent position from July.",
    "listing": "Quiet street, five minutes to the river. | Fully furnished, bicycle room. | Top floor without a lift. | South-facing balcony. | "
    "Newly painted, pets on request. | Garden shared with the neighbours. | Fast internet and a real desk. | Near school and market.",
    "annotation": "A promise nobody kept. | She counted the windows twice. | The river froze in a night. | He never asked again. | "
    "Bread, salt and one candle. | The map was wrong on purpose. | They spoke in numbers. | Silence has a price.",
    "playlist": "For long evenings. | Nothing slower than 120. | Songs from last summer. | Instrumental only. | Shared with the whole flat. | For the drive north.",
}
HANDLES = (
    "ines-duarte marko-horvat aoife-byrne jonas-petersen luca-ferri hanna-virtanen petra-novak tom-ohara sofia-lind "
    "pavel-dvorak marta-silva emil-berg nora-walsh hugo-martin ada-kowalska liam-doyle eva-jansen noah-weber lena-fischer "
    "oscar-nilsson clara-rossi felix-baum iris-moreau max-keller zoe-laurent adam-nowak mia-holm leo-santos ella-brandt "
    "finn-olsen rosa-vega paul-richter anna-costa erik-dahl lily-hughes"
).split()
LABELS = tuple(
    f"alertname={name}, instance={place}, severity={level}"
    for name, level in (
        ("DiskFull", "critical"),
        ("HighLatency", "warning"),
        ("BackupFailed", "warning"),
        ("CertificateExpires", "info"),
        ("NodeDown", "critical"),
    )
    for place in ("db-north", "db-south", "web-east", "web-west", "cache", "mail", "proxy", "build")
)
PLAIN_VALUES = ("standard", "basic", "extended", "premium", "internal", "external", "primary", "secondary")


def texts_for(noun: str, column: str) -> list[str]:
    """Sentences for a text column of a noun."""
    own = _TEXTS.get(noun) or _TEXTS.get(noun.split("_")[-1]) or _TEXTS.get(column)
    return own.split(" | ") if own else list(SENTENCES)


def names_for(noun: str) -> list[str]:
    """Names or titles for records of a noun, all different."""
    own = _NAMES.get(noun) or _NAMES.get(noun.split("_")[-1])
    if own:
        return own.split("; ")
    said = spoken(noun).title()
    return [f"{qualifier} {said}" for qualifier in _QUALIFIERS]


def is_person(noun: str) -> bool:
    """Whether one of this noun is a human being."""
    return noun in PEOPLE or noun.split("_")[-1] in PEOPLE
