package report

import "github.com/quintile-dev/quintile/mining/words"

// labels are the page's own words.
type labels struct {
	Code                                                                                                                                     string // of the language
	Contents, Now, Customers, Offer, Find, Nothing, Warnings, Reading, ReadingText, Top, Skip, Search, Copy, Copied, Table, Details, Summary string
}

func labelsOf(w *words.Words) labels {
	return labels{
		Code:        w.Language(),
		Contents:    w.Text("Contents"),
		Now:         w.Text("What to do now"),
		Customers:   w.Text("customers"),
		Offer:       w.Text("Offer"),
		Find:        w.Text("Find them"),
		Nothing:     w.Text("No step of this run proposes an action."),
		Warnings:    w.Text("What to know before trusting a figure"),
		Reading:     w.Text("How the data were read"),
		ReadingText: w.Text("Every row that was read is kept, refused with a reason, or set aside under a name."),
		Top:         w.Text("Back to top"),
		Skip:        w.Text("Skip to the contents"),
		Search:      w.Text("Search in the table"),
		Copy:        w.Text("Copy"),
		Copied:      w.Text("Copied"),
		Table:       w.Text("Table"),
		Details:     w.Text("Details for experts"),
		Summary:     w.Text("At a glance"),
	}
}
