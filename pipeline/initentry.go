package pipeline

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// writeEntry writes one entry of the inputs.
func writeEntry(b *strings.Builder, g *ingest.Guess) {
	fmt.Fprintf(b, "    - path: %s\n", quoted(g.Path))
	for _, line := range g.Decided {
		fmt.Fprintf(b, "      # note: %s\n", line)
	}
	b.WriteString("      columns:\n")
	gaps := map[ingest.Role]ingest.Gap{}
	for _, gap := range g.Gaps {
		gaps[gap.Role] = gap
	}
	for _, role := range ingest.Roles() {
		if column := g.Columns[role]; column != "" && role != ingest.Clock {
			if clock := g.Columns[ingest.Clock]; role == ingest.Time && clock != "" {
				column = "[" + flowWord(column) + ", " + flowWord(clock) + "]"
			} else {
				column = quoted(column)
			}
			fmt.Fprintf(b, "        %s: %s%s\n", role, column, repeatedNote(g, g.Columns[role]))
		} else if gap, open := gaps[role]; open {
			writeGap(b, gap)
		}
	}
	writeUnused(b, g)
	writeDialect(b, g)
	writeNumbers(b, g)
	writeRules(b, g)
}

// writeGap writes a role that is open, with the columns that may be meant. Money may be missing: then the line is a comment.
func writeGap(b *strings.Builder, gap ingest.Gap) {
	names := make([]string, len(gap.Candidates))
	for i, c := range gap.Candidates {
		names[i] = quoted(c)
	}
	comment := "GAP: " + gap.Reason
	if len(names) > 0 {
		comment += "; it may be " + strings.Join(names, ", ")
	}
	if gap.Role == ingest.Amount {
		fmt.Fprintf(b, "        # %s: %q   # %s\n", gap.Role, config.Gap, comment)
		return
	}
	fmt.Fprintf(b, "        %s: %q   # %s\n", gap.Role, config.Gap, comment)
}

func repeatedNote(g *ingest.Guess, column string) string {
	for _, name := range g.Repeated {
		if column == name {
			return fmt.Sprintf("   # look: several columns have this name; the others are %s, and so on", quoted(name+"_1"))
		}
	}
	return ""
}

func writeUnused(b *strings.Builder, g *ingest.Guess) {
	if len(g.Unused) == 0 {
		return
	}
	fmt.Fprintf(b, "      # columns without a role: %s\n", strings.Join(g.Unused, ", "))
	fmt.Fprintf(b, "      # dimensions: {%s}   # so such a column becomes features; the names before the colons are yours to choose\n", dimensionOf(g.Unused))
}

// writeDialect writes how a text file is written, where it is not the usual way, and the format of the times.
func writeDialect(b *strings.Builder, g *ingest.Guess) {
	if g.CSV.Encoding != csvio.UTF8 && g.CSV.Encoding != "" {
		fmt.Fprintf(b, "      encoding: %s\n", g.CSV.Encoding)
	}
	if !g.Header {
		b.WriteString("      header: false   # the first line looks like data; columns are named by their numbers, or by names\n")
	}
	if g.CSV.Skip > 0 {
		fmt.Fprintf(b, "      skip: %d   # lines before the header\n", g.CSV.Skip)
	}
	if g.CSV.NoQuotes {
		b.WriteString("      no_quotes: true   # quotes stand inside fields, as for inches\n")
	}
	if g.CSV.Escape != 0 {
		fmt.Fprintf(b, "      escape: %s\n", strconv.Quote(string(g.CSV.Escape)))
	}
	switch {
	case g.TimeFormat != "":
		fmt.Fprintf(b, "      time_format: %s\n", strconv.Quote(g.TimeFormat))
	case g.TimeNote != "":
		fmt.Fprintf(b, "      # time_format: choose one: %s\n", strings.ReplaceAll(g.TimeNote, "\n", " "))
	}
}

// writeNumbers writes how numbers and ids are written.
func writeNumbers(b *strings.Builder, g *ingest.Guess) {
	if g.NumbersAsk != "" {
		mark, other := ".", ","
		if !strings.Contains(g.NumbersAsk, ".") {
			mark, other = ",", "."
		}
		fmt.Fprintf(b, "      # GAP: numbers such as %q can be read in two ways; take one:\n", g.NumbersAsk)
		fmt.Fprintf(b, "      # decimal: %q   # if the mark is a decimal sign\n", mark)
		fmt.Fprintf(b, "      # {decimal: %q, thousands: %q}   # if it means thousands: two lines, decimal and thousands\n", other, mark)
	}
	if g.Decimal == ',' {
		b.WriteString("      decimal: \",\"\n")
	}
	if g.Thousands != 0 {
		fmt.Fprintf(b, "      thousands: %s\n", strconv.Quote(string(g.Thousands)))
	}
	if len(g.Signs) > 1 {
		fmt.Fprintf(b, "      # GAP: currency_signs: numbers have the signs %s, and amounts of several currencies cannot be added up; name those of one: the others are refused\n",
			strings.Join(g.Signs, ", "))
	} else if len(g.Signs) == 1 {
		fmt.Fprintf(b, "      currency_signs: [%q]\n", g.Signs[0])
	}
	if len(g.Missing) > 0 {
		words := make([]string, len(g.Missing))
		for i, w := range g.Missing {
			words[i] = strconv.Quote(w)
		}
		fmt.Fprintf(b, "      missing: [%s]   # words for no customer\n", strings.Join(words, ", "))
	}
	if g.NumericIDs {
		b.WriteString("      id: number   # 17850.0 is 17850\n")
	}
	if g.Currency != "" {
		fmt.Fprintf(b, "      # GAP: the column %s has several values (%s), and amounts are never converted: keep one currency in each entry, such as\n"+
			"      # set_aside: [{name: other_currency, column: %s, equals: %s}]\n",
			quoted(g.Currency), strings.Join(g.Currencies[:min(len(g.Currencies), 8)], ", "), flowWord(g.Currency), strconv.Quote(g.Currencies[len(g.Currencies)-1]))
	}
}

// writeRules writes which rows are returns, and which are left out.
func writeRules(b *strings.Builder, g *ingest.Guess) {
	if g.Returns != "" {
		fmt.Fprintf(b, "      returns: {column: order, prefix: %s}   # these rows are returns: kept, signed, outside baskets\n", g.Returns)
	}
	if len(g.Oddities) == 0 && !g.FreeLines && g.Totals == "" {
		return
	}
	b.WriteString("      set_aside:                            # left out by rule, counted under the name\n")
	for _, prefix := range g.Oddities {
		fmt.Fprintf(b, "        - {name: order_%s, column: order, prefix: %s}\n", prefix, prefix)
	}
	if g.FreeLines {
		b.WriteString("        - {name: free, column: unit_price, max: 0}\n")
	}
	if g.Totals != "" {
		fmt.Fprintf(b, "        - {name: totals, column: %s, equals: %s}\n", g.TotalsIn, strconv.Quote(g.Totals))
	}
}

// flowWord writes a text inside brackets, in quotes unless it is one plain word.
func flowWord(text string) string {
	if plainText.MatchString(text) && !strings.ContainsAny(text, " /") {
		return text
	}
	return strconv.Quote(text)
}
