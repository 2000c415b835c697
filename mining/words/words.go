// Package words holds words for people: the plain names of features, columns, groups and
// states, values with units, the meaning of a high or a low value, and the sentences of
// the report in languages besides English.
//
// A language is one embedded file, such as de.yaml. Sentences in code are English; a
// language translates each by the English text. Files of results keep codes for machines:
// a dictionary serves texts for people alone.
package words

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/quintile-dev/quintile/features"
)

//go:embed *.yaml
var files embed.FS

// English is the language used by default.
const English = "en"

// Words speaks one language. Words is immutable, and safe for use by several
// goroutines.
type Words struct {
	language string
	currency string
	file     file
	entries  map[string]*entry // of the catalogue
}

// file is the form of a language file.
type file struct {
	Name    string `yaml:"name"`
	Numbers struct {
		Decimal string `yaml:"decimal"`
		Group   string `yaml:"group"`
	} `yaml:"numbers"`
	Units      map[string][]string          `yaml:"units"` // one, many, and both in the dative where it differs
	Dimensions map[string][]string          `yaml:"dimensions"`
	Otherwise  otherwise                    `yaml:"otherwise"`
	Missing    map[string]string            `yaml:"missing"`
	Features   map[string]phrases           `yaml:"features"`
	Columns    map[string]string            `yaml:"columns"`
	Groups     map[string]map[string]string `yaml:"groups"`
	States     map[string]string            `yaml:"states"`
	Texts      map[string]string            `yaml:"texts"` // by the English text
}

// phrases are the texts of a file for a feature, or for a family of features.
type phrases struct {
	Name       string   `yaml:"name"`
	None       string   `yaml:"none"` // of a value of 0
	Low        string   `yaml:"low"`
	High       string   `yaml:"high"`
	Level      *float64 `yaml:"level"` // what low and high are measured against; nil: what is typical of customers
	Beside     string   `yaml:"beside"`
	BesideText string   `yaml:"beside_text"`
	Adjectives []string `yaml:"adjectives"` // of groups: low, high
}

// otherwise holds the texts for features without separate words.
type otherwise struct {
	Low        string   `yaml:"low"`
	High       string   `yaml:"high"`
	Even       string   `yaml:"even"`
	Missing    string   `yaml:"missing"`
	Typical    string   `yaml:"typical"`
	Adjectives []string `yaml:"adjectives"`
}

// Languages returns the languages available, by code.
func Languages() []string {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		panic(fmt.Sprintf("words: BUG: %v", err))
	}
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], ".yaml")
	}
	slices.Sort(names)
	return names
}

// Open returns the words of a language. Amounts are written with the currency; "" writes
// none.
//
// Errors: an unknown language.
func Open(language, currency string) (*Words, error) {
	if language == "" {
		language = English
	}
	if !slices.Contains(Languages(), language) {
		return nil, fmt.Errorf("language: got %q, want one of %s", language, strings.Join(Languages(), ", "))
	}
	text, err := files.ReadFile(language + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("reading the words of %s: %w", language, err)
	}
	w := &Words{language: language, currency: currency, entries: map[string]*entry{}}
	if err := yaml.UnmarshalWithOptions(text, &w.file, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("words: BUG: %s.yaml: %w", language, err)
	}
	for _, f := range features.Catalogue() {
		w.entries[f.Name] = w.resolve(f.Name)
	}
	return w, nil
}

// MustOpen returns the words of a language known to exist.
func MustOpen(language, currency string) *Words {
	w, err := Open(language, currency)
	if err != nil {
		panic(fmt.Sprintf("words: BUG: %v", err))
	}
	return w
}

// Language returns the code of the language.
func (w *Words) Language() string { return w.language }

// Column returns the plain name of a column of segments.parquet, a feature or not.
func (w *Words) Column(name string) string {
	if text, has := w.file.Columns[name]; has {
		return text
	}
	return w.Name(name)
}

// Group returns the plain name of a group of a grouping: the group's own name where the
// dictionary has none, for example for groups named in the job.
func (w *Words) Group(grouping, name string) string {
	if text, has := w.file.Groups[grouping][name]; has {
		return text
	}
	return name
}

// State returns the plain name of the state of a step.
func (w *Words) State(state string) string {
	if text, has := w.file.States[state]; has {
		return text
	}
	return state
}
