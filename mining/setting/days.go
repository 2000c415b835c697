package setting

import "strconv"

// Days is a number of days.
type Days int

// AutoDays leaves the number of days to the program.
const AutoDays Days = 0

// mostDays is ten years.
const mostDays = 3650

// Set reads a number of days, or auto.
func (d *Days) Set(text string) (want string, ok bool) {
	want = "auto, or an integer from 1 to 3650"
	if text == "auto" {
		*d = AutoDays
		return want, true
	}
	v, err := strconv.Atoi(text)
	*d = Days(v)
	return want, err == nil && v >= 1 && v <= mostDays
}

// Schema describes the word to editors.
func (d *Days) Schema() map[string]any {
	return map[string]any{"anyOf": []any{
		map[string]any{"const": "auto"},
		map[string]any{"type": "integer", "minimum": 1, "maximum": mostDays},
	}}
}

func (d *Days) String() string {
	if *d == AutoDays {
		return "auto"
	}
	return strconv.Itoa(int(*d))
}
