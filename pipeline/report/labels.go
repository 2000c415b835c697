package report

// labels are the page's own words.
type labels struct {
	Code                                                string // of the language
	Contents, Now, For, Customers, Offer, Find, Nothing string
	Warnings, Warning1, Reading, ReadingText, Top, Skip string
	Search, Copy, Copied, Table, Details, Summary       string
}

var english = labels{
	Code: "en", Contents: "Contents", Now: "What to do now", For: "for", Customers: "customers", Offer: "Offer", Find: "Find them",
	Nothing:  "No step of this run proposes an action.",
	Warnings: "What to know before trusting a figure", Warning1: "Code", Reading: "How the data were read",
	ReadingText: "Every row that was read is kept, refused with a reason, or set aside under a name.",
	Top:         "Back to top", Skip: "Skip to the contents",
	Search: "Search in the table", Copy: "Copy", Copied: "Copied", Table: "Table", Details: "Details for experts", Summary: "At a glance",
}

var german = labels{
	Code: "de", Contents: "Inhalt", Now: "Was jetzt zu tun ist", For: "für", Customers: "Kunden", Offer: "Angebot", Find: "So findet man sie",
	Nothing:  "Kein Schritt dieses Laufs schlägt etwas vor.",
	Warnings: "Was man wissen sollte, bevor man einer Zahl traut", Warning1: "Code", Reading: "Wie die Daten gelesen wurden",
	ReadingText: "Jede gelesene Zeile ist behalten, mit Grund abgelehnt oder unter einem Namen beiseitegelegt.",
	Top:         "Nach oben", Skip: "Zum Inhalt springen",
	Search: "In der Tabelle suchen", Copy: "Kopieren", Copied: "Kopiert", Table: "Tabelle", Details: "Einzelheiten für Fachleute", Summary: "Auf einen Blick",
}

func labelsOf(language string) labels {
	if language == german.Code {
		return german
	}
	return english
}
