package features

import "github.com/quintile-dev/quintile/datasets"

// OfAttributes returns the attributes of customers as features, in the order given.
// Unlike all other features, attributes are no function of events: a file gives the
// present value, and the value of an earlier day is unknown. So a Calculator cannot
// compute attributes, and they cannot enter the data for learning from past days.
func OfAttributes(list []datasets.Attribute) []Feature {
	var out []Feature
	for _, a := range list {
		f := Feature{
			Name: a.Name, Group: "Attributes", Kind: Number, Unit: "as in the files",
			Meaning: "The number that the customers' files give as " + a.Name + ".",
			Missing: "no row of the customer has it, or rows disagree",
		}
		if a.Category {
			f.Kind, f.Unit, f.Meaning = Code, "code", "The text that the customers' files give as "+a.Name+"."
		}
		out = append(out, f)
	}
	return out
}

// Attribute reports whether a feature is an attribute of customers, known as of now
// alone.
func (f Feature) Attribute() bool { return f.value == nil }

// AttributeClash returns the feature for which an attribute of this name could
// be mistaken: a feature of the catalogue, or of a custom dimension, such as
// x_main; false without such a feature.
func AttributeClash(name string) (feature string, clashes bool) {
	if _, taken := Lookup(name); taken {
		return name, true
	}
	if dimension := looksFurther(name); dimension != "" {
		return name, true
	}
	return "", false
}
