package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// WriteSchema writes the JSON schema of a job file, for editors.
func WriteSchema(w io.Writer) error {
	schema := schemaOf(reflect.ValueOf(Default()))
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Quintile job"
	schema["required"] = []string{"job", "inputs"}
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// schemaOf describes a block whose defaults are the values of v.
func schemaOf(v reflect.Value) map[string]any {
	fields, indexes := fieldsOf(v.Type())
	properties := map[string]any{}
	for i, f := range fields {
		property := propertyOf(v.FieldByIndex(indexes[i]), f)
		property["description"] = f.doc
		properties[f.name] = property
	}
	return map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
}

func propertyOf(v reflect.Value, f field) map[string]any {
	if s, ok := pointerTo(v).(scalar); ok {
		schema := s.Schema()
		if !v.IsZero() {
			schema["default"] = marshal(s)
		}
		return schema
	}
	if v.Type() == stepsType {
		return stepsSchema()
	}
	switch v.Kind() {
	case reflect.Pointer:
		inner := reflect.New(v.Type().Elem()).Elem()
		if value, ok := defaultOf(inner.Type()); ok {
			inner.Set(value)
		}
		schema := propertyOf(inner, f)
		if inner.Kind() == reflect.Struct && schema["type"] == "object" {
			schema["type"] = []string{"object", "null"}
		}
		return schema
	case reflect.Struct:
		return schemaOf(v)
	case reflect.Map:
		return mapSchema(v, f)
	case reflect.Slice:
		inner := reflect.New(v.Type().Elem()).Elem()
		if value, ok := defaultOf(inner.Type()); ok {
			inner.Set(value)
		}
		return map[string]any{"type": "array", "items": propertyOf(inner, field{})}
	}
	return wordSchema(v, f)
}

// mapSchema describes a block with roles or freely chosen names as keys.
func mapSchema(v reflect.Value, f field) map[string]any {
	texts := v.Type().Elem().Kind() == reflect.String
	element := field{min: f.min, max: f.max}
	if texts {
		element = field{} // whose bound is one on the number of entries
	}
	schema := map[string]any{"type": "object", "additionalProperties": wordSchema(reflect.New(v.Type().Elem()).Elem(), element)}
	if f.max != nil && texts {
		schema["maxProperties"] = json.RawMessage(plain(*f.max))
	}
	if f.of == "role" {
		two := map[string]any{"type": "array", "items": map[string]any{"type": "string"}, "minItems": 2, "maxItems": 2}
		schema["properties"] = map[string]any{timeRole: map[string]any{"anyOf": []any{map[string]any{"type": "string"}, two}}}
	}
	if f.of == "name" {
		schema["propertyNames"] = map[string]any{"pattern": dimensionName.String(), "maxLength": maxDimensionName}
	}
	return schema
}

func wordSchema(v reflect.Value, f field) map[string]any {
	schema := map[string]any{}
	switch v.Kind() {
	case reflect.String:
		schema["type"] = "string"
		if f.enum != nil {
			schema["enum"] = f.enum
		}
	case reflect.Bool:
		schema["type"] = "boolean"
	case reflect.Int, reflect.Uint64:
		schema["type"] = "integer"
	case reflect.Float64:
		schema["type"] = "number"
	}
	if v.Kind() == reflect.Uint64 {
		schema["minimum"] = 0
	}
	if f.min != nil {
		schema["minimum"] = json.RawMessage(plain(*f.min))
	}
	if f.max != nil {
		schema["maximum"] = json.RawMessage(plain(*f.max))
	}
	if !v.IsZero() && f.name != "workers" { // whose default is the machine's
		schema["default"] = v.Interface()
	}
	return schema
}

func pointerTo(v reflect.Value) any {
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p.Interface()
}

// MarshalJSON writes the effective job in the order and the words of a job
// file: every field with its effective value. The number of workers and the
// memory cannot change a result and are left out.
func (j Job) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	err := writeValue(&b, reflect.ValueOf(j.asWritten()), "")
	return b.Bytes(), err
}

func writeValue(b *bytes.Buffer, v reflect.Value, name string) error {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		b.WriteString("null")
		return nil
	}
	if s, ok := pointerTo(v).(scalar); ok {
		b.Write(marshal(s))
		return nil
	}
	if s, ok := v.Interface().(Steps); ok {
		return writeSteps(b, s)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return writeValue(b, v.Elem(), name)
	case reflect.Struct:
		return writeStruct(b, v)
	case reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeValue(b, v.Index(i), name); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	}
	text, err := json.Marshal(v.Interface()) // maps come sorted by key
	b.Write(text)
	return err
}

func writeStruct(b *bytes.Buffer, v reflect.Value) error {
	b.WriteByte('{')
	fields, indexes := fieldsOf(v.Type())
	first := true
	for i, f := range fields {
		value := v.FieldByIndex(indexes[i])
		nothing := (value.Kind() == reflect.Pointer || value.Kind() == reflect.Slice || value.Kind() == reflect.Map) && value.IsNil()
		if nothing || f.name == "workers" || f.name == "memory" {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		fmt.Fprintf(b, "%q:", f.name)
		if err := writeValue(b, value, f.name); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

// WriteDocs writes docs/config.md: every field with its type, bounds, default
// and meaning.
func WriteDocs(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString(docsHead)
	documentBlock(&b, reflect.ValueOf(Default()), "")
	_, err := w.Write(b.Bytes())
	return err
}

const docsHead = `# The job file

A job is one YAML file. This page is made from the table of fields in the program by ` + "`make golden`" + `; the same table gives
the messages of the reader and the schema that ` + "`quintile schema`" + ` prints.

Every field has a default but ` + "`job`" + ` and ` + "`inputs`" + `. Unknown fields are errors. Sizes, shares and lengths of time carry
a unit: ` + "`4GiB`, `1%`, `10m`" + `. A relative path starts at the folder of the job file.
`

func documentBlock(b *bytes.Buffer, v reflect.Value, name string) {
	fields, indexes := fieldsOf(v.Type())
	if name != "" {
		fmt.Fprintf(b, "\n## `%s`\n", name)
	}
	b.WriteString("\n| field | takes | default | meaning |\n|---|---|---|---|\n")
	type block struct {
		value reflect.Value
		name  string
	}
	var blocks []block
	for i, f := range fields {
		value := v.FieldByIndex(indexes[i])
		takes, inner := takesOf(value, f)
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.name, takes, defaultText(value, f), strings.ReplaceAll(f.doc, "|", "\\|"))
		if inner.IsValid() {
			blocks = append(blocks, block{inner, join(name, f.name)})
		}
	}
	for _, in := range blocks {
		if in.value.Type() == stepsType {
			documentSteps(b)
			continue
		}
		documentBlock(b, in.value, in.name)
	}
}

// takesOf describes in words the values of a field, and returns the block
// inside the field.
func takesOf(v reflect.Value, f field) (string, reflect.Value) {
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Slice {
		inner := reflect.New(v.Type().Elem()).Elem()
		if value, ok := defaultOf(inner.Type()); ok {
			inner.Set(value)
		}
		takes, block := takesOf(inner, f)
		switch {
		case v.Kind() == reflect.Slice && f.enum != nil:
			takes = "list of " + strings.Join(f.enum, ", ")
		case v.Kind() == reflect.Slice:
			takes = "list of " + strings.TrimPrefix(strings.TrimPrefix(takes, "an "), "a ") + "s"
		}
		return takes, block
	}
	if s, ok := pointerTo(v).(scalar); ok {
		want, _ := s.Set("")
		return want, reflect.Value{}
	}
	switch v.Kind() {
	case reflect.Struct:
		return "a block", v
	case reflect.Map:
		if f.of != "role" && f.of != "name" {
			return f.of + ": " + strings.TrimPrefix(f.want(v.Type().Elem().Kind()), "a "), reflect.Value{}
		}
		return f.of + ": column", reflect.Value{}
	}
	return f.want(v.Kind()), reflect.Value{}
}

func defaultText(v reflect.Value, f field) string {
	if f.name == "workers" || v.Kind() == reflect.Pointer || v.Kind() == reflect.Struct && !isScalar(v) {
		return ""
	}
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		if v.Len() == 0 {
			return ""
		}
		text, _ := json.Marshal(v.Interface()) // a list of texts cannot fail
		return "`" + strings.ReplaceAll(string(text), `"`, "") + "`"
	}
	if v.Kind() == reflect.String && v.Len() == 0 {
		return ""
	}
	if s, ok := pointerTo(v).(scalar); ok {
		if v.IsZero() && f.name == "max_time" {
			return ""
		}
		return "`" + s.String() + "`"
	}
	return fmt.Sprintf("`%v`", v.Interface())
}

func isScalar(v reflect.Value) bool {
	_, ok := pointerTo(v).(scalar)
	return ok
}
