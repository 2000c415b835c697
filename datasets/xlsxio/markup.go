package xlsxio

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// markup reads the tags and the text of well-formed XML in memory. Only the entities of XML are known.
type markup struct {
	data []byte
	at   int
}

// tag is a start tag or an end tag. Its bytes belong to the markup.
type tag struct {
	name       []byte // without its prefix
	attributes []byte
	end        bool // </name>
	empty      bool // <name/>
}

// next returns the next tag, and the raw text before the tag; false at the end, or where the XML is damaged.
func (m *markup) next() (text []byte, t tag, ok bool) {
	from := m.at
	var joined []byte
	for {
		open := bytes.IndexByte(m.data[m.at:], '<')
		if open < 0 {
			m.at = len(m.data)
			return nil, tag{}, false
		}
		text, m.at = m.data[from:m.at+open], m.at+open
		rest := m.data[m.at:]
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			if !m.past("-->") {
				return nil, tag{}, false
			}
			joined, from = append(joined, text...), m.at
			continue
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			begin := m.at + len("<![CDATA[")
			if !m.past("]]>") {
				return nil, tag{}, false
			}
			joined = append(append(joined, text...), escape(m.data[begin:m.at-len("]]>")])...)
			from = m.at
			continue
		case bytes.HasPrefix(rest, []byte("<?")):
			if !m.past("?>") {
				return nil, tag{}, false
			}
			from = m.at
			continue
		}
		t, ok = m.tag()
		if joined != nil {
			text = append(joined, text...)
		}
		return text, t, ok
	}
}

// past moves on to the text after a mark.
func (m *markup) past(mark string) bool {
	n := bytes.Index(m.data[m.at:], []byte(mark))
	if n < 0 {
		return false
	}
	m.at += n + len(mark)
	return true
}

// tag reads the tag that begins here.
func (m *markup) tag() (t tag, ok bool) {
	begin := m.at + 1
	quote := byte(0)
	for i := begin; i < len(m.data); i++ {
		switch c := m.data[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"', c == '\'':
			quote = c
		case c == '<':
			return t, false
		case c == '>':
			m.at = i + 1
			return tagOf(m.data[begin:i])
		}
	}
	return t, false
}

// tagOf splits the text between < and >.
func tagOf(inner []byte) (t tag, ok bool) {
	if bytes.HasPrefix(inner, []byte{'/'}) {
		t.end, inner = true, inner[1:]
	}
	if bytes.HasSuffix(inner, []byte{'/'}) {
		t.empty, inner = true, inner[:len(inner)-1]
	}
	t.name = inner
	if n := bytes.IndexAny(inner, " \t\r\n"); n >= 0 {
		t.name, t.attributes = inner[:n], inner[n:]
	}
	t.name = local(t.name)
	return t, len(t.name) > 0
}

// local returns a name without its prefix.
func local(name []byte) []byte { return name[bytes.IndexByte(name, ':')+1:] }

// attribute returns the value of an attribute without a prefix, as written; nil where absent.
func (t *tag) attribute(name string) []byte {
	rest := t.attributes
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		equals := bytes.IndexByte(rest, '=')
		if equals < 0 {
			return nil
		}
		key := bytes.TrimRight(rest[:equals], " \t\r\n")
		rest = bytes.TrimLeft(rest[equals+1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		if string(key) == name {
			return rest[1 : 1+end]
		}
		rest = rest[end+2:]
	}
}

// escape writes & as in XML, so that unescape gives the text back.
func escape(text []byte) []byte { return bytes.ReplaceAll(text, []byte("&"), []byte("&amp;")) }

// unescape appends text with its entities and its _x000D_ replaced by the characters.
func unescape(dst, text []byte) []byte {
	for len(text) > 0 {
		n := bytes.IndexAny(text, "&_\r")
		if n < 0 {
			return append(dst, text...)
		}
		dst, text = append(dst, text[:n]...), text[n:]
		r, size := rune(text[0]), 1
		switch text[0] {
		case '&':
			r, size = entity(text)
		case '_':
			r, size = excelEscape(text)
		case '\r': // XML knows one line end
			r = '\n'
			if len(text) > 1 && text[1] == '\n' {
				size = 2
			}
		}
		dst, text = utf8.AppendRune(dst, r), text[size:]
	}
	return dst
}

// entity reads an entity; & alone stands for itself.
func entity(text []byte) (r rune, size int) {
	end := bytes.IndexByte(text[:min(len(text), 12)], ';')
	if end < 0 {
		return '&', 1
	}
	switch name := string(text[1:end]); name {
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "amp":
		return '&', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	default:
		base, digits := 10, name
		if len(name) < 2 || name[0] != '#' {
			return '&', 1
		}
		if digits = name[1:]; digits[0] == 'x' || digits[0] == 'X' {
			base, digits = 16, digits[1:]
		}
		v, err := strconv.ParseUint(digits, base, 32)
		if err != nil || !utf8.ValidRune(rune(v)) {
			return '&', 1
		}
		return rune(v), end + 1
	}
}

// excelEscape reads _x000D_, as Excel writes characters that XML cannot hold; _ alone stands for itself.
func excelEscape(text []byte) (r rune, size int) {
	if len(text) < 7 || text[1] != 'x' || text[6] != '_' {
		return '_', 1
	}
	v, err := strconv.ParseUint(string(text[2:6]), 16, 32)
	if err != nil || !utf8.ValidRune(rune(v)) {
		return '_', 1
	}
	return rune(v), 7
}
