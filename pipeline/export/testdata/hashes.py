# Writes hashes.json: what Python's hashlib makes of identifiers that were brought into
# their form by hand, from what each platform publishes about it.
import hashlib, json

rows = [  # platform's profile, header, as a shop has it, form, or None for an empty cell
    ("google_customer_match", "Email", " Jane.Doe@Gmail.com ", "janedoe@gmail.com"),
    ("google_customer_match", "Email", "j.d@googlemail.com", "jd@googlemail.com"),
    ("google_customer_match", "Email", "Jane.Doe+news@Example.com", "jane.doe+news@example.com"),
    ("google_customer_match", "Email", "J.D+x@gmail.com", "jd+x@gmail.com"),
    ("google_customer_match", "Phone", "+1 (800) 888-8888", "+18008888888"),
    ("google_customer_match", "Phone", "0049 30 1234567", "+49301234567"),
    ("google_customer_match", "First Name", "  Zoë  Marie ", "zoë marie"),
    ("google_customer_match", "Last Name", "PÉREZ", "pérez"),
    ("meta_audience", "email", " Jane.Doe@Gmail.com ", "jane.doe@gmail.com"),
    ("meta_audience", "phone", "+49 (0)30 1234567", "49301234567"),
    ("meta_audience", "phone", "+44 844 412 4653", "448444124653"),
    ("meta_audience", "fn", "F. Émilie", "fémilie"),
    ("meta_audience", "ct", "New York!", "newyork"),
    ("meta_audience", "zip", "94035-1234", "94035"),
    ("meta_audience", "zip", "SW1A 1AA", "sw1a1aa"),
    ("meta_audience", "country", "DE", "de"),
    ("meta_audience", "email", "", None),
    ("meta_audience", "email", "not an address", None),
    ("meta_audience", "phone", "030 1234567", None),
    ("google_customer_match", "Phone", "call me", None),
    ("google_customer_match", "Email", "   ", None),
    ("x_audience", "username", " @AdsAPI ", "adsapi"),
    ("x_audience", "user_id", "143567", "143567"),
    ("x_audience", "email", " Jane.Doe+News@Gmail.com ", "jane.doe+news@gmail.com"),
    ("x_audience", "username", " @ ", None),
    ("tiktok_audience", "Email_SHA256", "Jane.Doe+News@Gmail.com", "jane.doe@gmail.com"),
    ("tiktok_audience", "Email_SHA256", "+news@gmail.com", None),
    ("tiktok_audience", "Phone_SHA256", "+44 20 7183 8750", "+442071838750"),
    ("tiktok_audience", "Phone_SHA256", "020 7183 8750", None),
]
out = [{"profile": p, "header": h, "text": t, "want": hashlib.sha256(f.encode()).hexdigest() if f else ""} for p, h, t, f in rows]
json.dump(out, open("hashes.json", "w"), indent=1, ensure_ascii=False)
