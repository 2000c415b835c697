package mining

// Nearest returns the name that is at most two changes of a letter from key, "" where no
// name is as near.
func Nearest(key string, names []string) string {
	best, found := 3, ""
	for _, name := range names {
		if c := changes(key, name); c < best && c < len(name) {
			best, found = c, name
		}
	}
	return found
}

// changes counts the letters to be added, dropped or replaced to turn a into b.
func changes(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
