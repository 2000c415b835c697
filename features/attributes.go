package features

import "github.com/quintile-dev/quintile/datasets"

// OfAttributes returns the attributes of customers as features, in the order given.
// Unlike all others they are no function of events: what a file says of a customer
// now, nobody can tell of an earlier day. So there is nothing in them that a
// Calculator could compute, and no way for them into what is learned from past days.
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

// AttributeClash returns what an attribute of this name could be taken for: a
// feature of the catalogue, or one of a further dimension, such as x_main; false
// where there is nothing of the kind.
func AttributeClash(name string) (feature string, clashes bool) {
	if _, taken := Lookup(name); taken {
		return name, true
	}
	if dimension := looksFurther(name); dimension != "" {
		return name, true
	}
	return "", false
}
