package config

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/pipeline/steps"
)

// TestAnEmptyBlockIsNoValueOfASetting gives every setting of every step an empty block and an empty
// list: where the setting is one value, either must be a fault, and not a way around its bounds.
func TestAnEmptyBlockIsNoValueOfASetting(t *testing.T) {
	tried := 0
	for _, s := range steps.Table() {
		settings := reflect.ValueOf(s.Default()).Elem()
		fields, indexes := fieldsOf(settings.Type())
		for i, f := range fields {
			v := settings.FieldByIndex(indexes[i])
			kind := v.Kind()
			if kind == reflect.Pointer {
				kind = v.Type().Elem().Kind()
			}
			_, one := v.Addr().Interface().(scalar)
			if !one && (kind == reflect.Struct || kind == reflect.Map || kind == reflect.Slice) {
				continue
			}
			for _, empty := range []string{"{}", "[]"} {
				text := fmt.Sprintf("job: a\ninputs: {transactions: [{path: a.csv, columns: {customer: c, time: t}}]}\nsteps: {%s: {%s: %s}}\n",
					s.Name, f.name, empty)
				_, err := Parse("job.yaml", []byte(text))
				if err == nil || !strings.Contains(err.Error(), "steps."+s.Name+"."+f.name+": got ") {
					t.Errorf("%s.%s: %s: got %v, want a fault of the setting", s.Name, f.name, empty, err)
				}
				tried++
			}
		}
	}
	if tried < 100 {
		t.Errorf("got %d settings tried, want more", tried)
	}
}
