"""Writes strptime.json: what Python's datetime.strptime reads, as microseconds
since 1970 (in UTC where the text has an offset), or null where it refuses."""
import json
import random
import sys
from datetime import datetime, timedelta, timezone

random.seed(7)
formats = [
    "%Y-%m-%d", "%m/%d/%Y %H:%M", "%d.%m.%y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S%z",
    "%I:%M %p %d/%m/%Y", "%d-%b-%Y", "%B %d, %Y", "%Y%m%d", "%Y %j", "%a %d %b %Y %H:%M:%S", "%y/%m/%d",
]
epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
cases = []


def add(fmt, text):
    try:
        t = datetime.strptime(text, fmt)
        t = t if t.tzinfo else t.replace(tzinfo=timezone.utc)
        micros = (t - epoch) // timedelta(microseconds=1)
    except ValueError:
        micros = None
    cases.append({"format": fmt, "text": text, "micros": micros})


def shorten(text):
    """Takes a leading zero off one number."""
    spots = [i for i in range(len(text) - 1) if text[i] == "0" and text[i + 1].isdigit() and (i == 0 or not text[i - 1].isdigit())]
    if spots:
        i = random.choice(spots)
        text = text[:i] + text[i + 1:]
    return text


for fmt in formats:
    for _ in range(40):
        t = datetime(random.randint(1000, 9999), 1, 1) + timedelta(
            days=random.randint(0, 364), seconds=random.randint(0, 86399), microseconds=random.randint(0, 999999))
        text = t.strftime(fmt.replace("%z", random.choice(["Z", "+0100", "-05:30"])))
        add(fmt, text)
        if "%Y%m%d" not in fmt and "%j" not in fmt:
            add(fmt, shorten(text))
        # one digit replaced: often an impossible date
        i = random.choice([i for i, c in enumerate(text) if c.isdigit()])
        changed = text[:i] + random.choice("0123456789") + text[i + 1:]
        add(fmt, changed)

json.dump(cases, open("strptime.json", "w"), indent=0)
print(sys.version, len(cases), sum(c["micros"] is None for c in cases))
