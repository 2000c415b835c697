package words

import (
	"fmt"
	"strings"
)

// Text returns a text in the language, by its English form. A text without a translation
// stays unchanged.
func (w *Words) Text(english string) string {
	if text, has := w.file.Texts[english]; has {
		return text
	}
	return english
}

// Translated reports whether the language has a translation of an English text; English has
// all.
func (w *Words) Translated(english string) bool {
	_, has := w.file.Texts[english]
	return has || w.language == English
}

// Say formats a sentence in the language, by its English format. Verbs are as in package
// fmt; a translation may reorder the arguments by number, as in %[2]s. Numbers among the
// arguments, and texts of numbers, are written in the form of the language.
func (w *Words) Say(english string, args ...any) string {
	if w.language == English {
		return fmt.Sprintf(english, args...)
	}
	local := make([]any, len(args))
	for i, a := range args {
		local[i] = localised{w, a}
	}
	return fmt.Sprintf(w.Text(english), local...)
}

// localised is an argument to be written in the number format of a language.
type localised struct {
	w     *Words
	value any
}

// Format writes the argument.
func (l localised) Format(s fmt.State, verb rune) {
	text := fmt.Sprintf(fmt.FormatString(s, verb), l.value)
	fmt.Fprint(s, l.w.Localise(text))
}

// Label writes the numbers of a label, with parts divided by two blanks.
func (w *Words) Label(text string) string {
	if w.language == English {
		return text
	}
	parts := strings.Split(text, "  ")
	for i, part := range parts {
		parts[i] = w.Localise(w.Text(part))
	}
	return strings.Join(parts, "  ")
}
