package initjob

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// writeEntry writes one entry of the inputs.
func writeEntry(b *strings.Builder, g *ingest.Guess, file proposed) {
	fmt.Fprintf(b, "    - path: %s\n", quoted(g.Path))
	if file.table != "" {
		fmt.Fprintf(b, "      table: %s\n", quoted(file.table))
	}
	if file.query != "" {
		fmt.Fprintf(b, "      query: %s\n", strconv.Quote(file.query))
	}
	if file.table+file.query != "" {
		b.WriteString("      # since: id   # with history: a column that grows with each row, by which a run knows what is new\n")
	}
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
			fmt.Fprintf(b, "        %s: %s\n", role, column)
		} else if gap, open := gaps[role]; open {
			writeGap(b, gap)
		}
	}
	writeUnused(b, g)
	writeDialect(b, g)
	writeNumbers(b, g)
	writeOrders(b, g)
	writeRules(b, g)
}

// writeGap writes a role without a decision, with the possible columns. Money may be missing: then the line is a
// comment.
func writeGap(b *strings.Builder, gap ingest.Gap) {
	names := make([]string, len(gap.Candidates))
	for i, c := range gap.Candidates {
		names[i] = quoted(c)
	}
	comment := "GAP: " + gap.Reason
	if len(names) > 0 {
		comment += "; it may be " + strings.Join(names, ", ")
	}
	if gap.Role == ingest.Amount && !gap.Asks {
		fmt.Fprintf(b, "        # %s: %q   # %s\n", gap.Role, config.Gap, comment)
		return
	}
	fmt.Fprintf(b, "        %s: %q   # %s\n", gap.Role, config.Gap, comment)
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
	if len(g.Sheets) > 1 {
		var others []string
		for _, s := range g.Sheets {
			if s != g.Sheet {
				others = append(others, strconv.Quote(s))
			}
		}
		fmt.Fprintf(b, "      sheet: %s   # look: other sheets have rows as well: %s\n", quoted(g.Sheet), strings.Join(others, ", "))
	}
	if g.CSV.Encoding != csvio.UTF8 && g.CSV.Encoding != "" {
		fmt.Fprintf(b, "      encoding: %s\n", g.CSV.Encoding)
	}
	if !g.Header {
		b.WriteString("      header: false   # the first line looks like data; columns are named by their numbers, or by names\n")
	}
	if d := g.CSV.Delimiter; d != 0 {
		fmt.Fprintf(b, "      delimiter: %s\n", delimiterWord(d))
	}
	if g.CSV.Comment != 0 {
		fmt.Fprintf(b, "      comment: %s\n", strconv.Quote(string(g.CSV.Comment)))
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

// delimiterWord writes a delimiter.
func delimiterWord(d byte) string {
	switch d {
	case '\t':
		return "tab"
	case csvio.Whitespace:
		return "whitespace"
	}
	return strconv.Quote(string(d))
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
}

// writeOrders writes the settings about whole orders: columns to fill down, amounts that count once, and columns
// without a role that are filled in the first line of an order.
func writeOrders(b *strings.Builder, g *ingest.Guess) {
	if len(g.FillDown) > 0 {
		fmt.Fprintf(b, "      fill_down: [%s]   # in the first line of an order only\n", flowWords(g.FillDown))
	}
	if len(g.PerOrder) > 0 {
		names := make([]string, len(g.PerOrder))
		for i, role := range g.PerOrder {
			names[i] = string(role)
		}
		fmt.Fprintf(b, "      per_order: [%s]   # of the whole order: counts once\n", strings.Join(names, ", "))
	}
	if len(g.FirstLine) > 0 {
		fmt.Fprintf(b, "      # in the first line of an order only: %s\n", strings.Join(g.FirstLine, ", "))
		fmt.Fprintf(b, "      # set_aside: [{name: some_orders, column: %s, equals: \"…\", by: order}]   # a rule on such a column takes all lines with by: order\n",
			flowWord(g.FirstLine[0]))
	}
}

// flowWords writes texts as the items of a list in brackets.
func flowWords(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = flowWord(w)
	}
	return strings.Join(out, ", ")
}

// writeCurrency writes the currency of the job, from the files, or a placeholder.
func writeCurrency(b *strings.Builder, guesses []*ingest.Guess) {
	for _, g := range guesses {
		if len(g.Currencies) > 0 {
			fmt.Fprintf(b, "currency: %s\n", quoted(g.Currencies[0]))
			return
		}
	}
	b.WriteString("# currency: GBP\n")
}

// writeRates writes the place of the rates, where amounts are in several currencies.
func writeRates(b *strings.Builder, guesses []*ingest.Guess) {
	base, others := "", map[string]bool{}
	for _, g := range guesses {
		for _, code := range g.Currencies {
			if base == "" {
				base = code
			}
			others[code] = true
		}
	}
	delete(others, base)
	if len(others) == 0 {
		return
	}
	codes := slices.Sorted(maps.Keys(others))
	fmt.Fprintf(b, "  # GAP: amounts are in %s and %s: the run stops, unless it is told what one unit is worth in %s, or a rule sets the lines aside\n",
		base, strings.Join(codes[:min(len(codes), 8)], ", "), base)
	b.WriteString("  # rates:\n")
	for _, code := range codes[:min(len(codes), 8)] {
		fmt.Fprintf(b, "  #   - {currency: %s, rate: ???}   # and from: 2024-01-31, where the rate changes; or files: {path: …, columns: {currency: …, rate: …, day: …}}\n", flowWord(code))
	}
}

// writeRules writes the rules for returns, and for rows to leave out.
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

// flowWord writes a text inside brackets, in quotes unless a plain word.
func flowWord(text string) string {
	if plainText.MatchString(text) && !strings.ContainsAny(text, " /") {
		return text
	}
	return strconv.Quote(text)
}
