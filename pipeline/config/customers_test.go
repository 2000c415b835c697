package config

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// withCustomers is the example with entries of customers, and what churn learns from.
func withCustomers(entries, churn string) string {
	text := strings.Replace(example, "quality:", "  customers:\n"+entries+"quality:", 1)
	return strings.Replace(text, "churn: {horizon_days: 90}", "churn: {horizon_days: 90"+churn+"}", 1)
}

const members = "    - {path: members.csv, columns: {customer: id}, numbers: {age: Age, sales_target: Target}, categories: {gender: Gender}, decimal: \",\"}\n" +
	"    - {path: more.parquet, columns: {customer: CRM}, numbers: {age: Alter}}\n"

func TestCustomersAreRead(t *testing.T) {
	job := parseExample(t, withCustomers(members, ", features: [recency_days]"))
	sources := job.Customers()
	if len(sources) != 2 || sources[0].Decimal != ',' || sources[0].Customer != "id" || sources[0].Numbers["sales_target"] != "Target" ||
		sources[0].Categories["gender"] != "Gender" || sources[1].Path != "more.parquet" || sources[1].Numbers["age"] != "Alter" {
		t.Errorf("got %+v", sources)
	}
	readsBack(t, job)
}

// A job without customers is the same job as before there were any.
func TestJobsWithoutCustomersAreAsBefore(t *testing.T) {
	text, err := json.Marshal(parseExample(t, example))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(`"customers"`)) {
		t.Errorf("got a trace of customers in %s", text)
	}
}

func TestCustomersAreChecked(t *testing.T) {
	f := func(entry, churn string, want ...string) {
		t.Helper()
		_, err := Parse("job.yaml", []byte(strings.Replace(withCustomers("    - {"+entry+"}\n", churn), "      time_format:", "      dimensions: {brand: Brand}\n      time_format:", 1)))
		if err == nil {
			t.Errorf("%s: got no error", entry)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: got %q, want %q in it", entry, err, w)
			}
		}
	}
	const head = "path: m.csv, columns: {customer: id}, "
	f("", "", "inputs.customers[0].path: got no path", "got no column for customer, want one", "got no attribute, want at least one under numbers or categories")
	f("path: m.csv, columns: {customer: id, time: t}, numbers: {age: A}", "", `inputs.customers[0].columns: unknown role "time"; the one role is customer`)
	f(head+"number: {age: A}", "", `unknown field "number"; did you mean "numbers"?`)
	f(head+"numbers: {Age: A}", "", `job.yaml:23:56: inputs.customers[0].numbers: got the name "Age", want lower-case letters`)
	f(head+`numbers: {age: ""}`, "", "got no column for age, want one")
	f(head+"categories: {region: R}", "", `got the name "region", which is a role of transactions; choose another name, such as my_region`)
	f(head+"numbers: {monetary: R}", "", `got the name "monetary", which would be taken for the feature monetary`)
	f(head+"numbers: {brand_main: R}", "", `would be taken for the feature brand_main`)
	f(head+"categories: {segment: R}", "", `got the name "segment", which is that of a column of the outputs`)
	f(head+"categories: {brand: R}", "", `got the name "brand", which stands under dimensions as well`)
	f(head+"numbers: {age: A}, categories: {age: A}", "", `job.yaml:23:78: inputs.customers[0].categories: got the name "age", which stands under numbers as well`)
	f(head+"numbers: {age: A}, thousands: abc", "", "inputs.customers[0].thousands: got")
	f(head+"numbers: {age: A}", ", features: [recency_days, age]",
		"job.yaml:30:54: steps.churn.features: got age, which is an attribute of customers", "churn learns from past days, and what the files say now nobody knew then; remove it")
	f(head+"categories: {city: A}", ", features: [city]", "steps.churn.features: got city")
}
