package filter

import (
	"errors"
	"fmt"
	"strings"

	"github.com/quintile-dev/quintile/mining/setting"
)

// The bounds of a condition: a job file is not to exhaust the stack.
const (
	longest = 4000 // bytes
	deepest = 50   // levels of parentheses and of not
)

// parser reads a condition from its tokens.
type parser struct {
	tokens []token
	depth  int
	tests  []*test
}

// token is a word, a quoted text, or a sign.
type token struct {
	text   string
	quoted bool
	sign   bool
}

func parse(text string) (expression, []*test, error) {
	if len(text) > longest {
		return nil, nil, fmt.Errorf("got %d bytes, want at most %d", len(text), longest)
	}
	tokens, err := scan(text)
	if err != nil {
		return nil, nil, err
	}
	p := &parser{tokens: tokens}
	root, err := p.either()
	if err != nil {
		return nil, nil, err
	}
	if len(p.tokens) > 0 {
		return nil, nil, fmt.Errorf("got %q after the condition, want and, or, or the end", p.tokens[0].text)
	}
	return root, p.tests, nil
}

// signs are the tokens that are no words, the longest first.
var signs = []string{"<=", ">=", "!=", "==", "<>", "=", "<", ">", "(", ")", "[", "]", ","}

func scan(text string) ([]token, error) {
	var all []token
	for text = strings.TrimLeft(text, " \t\r\n"); text != ""; text = strings.TrimLeft(text, " \t\r\n") {
		if quote := text[0]; quote == '\'' || quote == '"' {
			end := strings.IndexByte(text[1:], quote)
			if end < 0 {
				return nil, errors.New("got a quote that is never closed")
			}
			all = append(all, token{text: text[1 : 1+end], quoted: true})
			text = text[end+2:]
			continue
		}
		if sign := signOf(text); sign != "" {
			all = append(all, token{text: sign, sign: true})
			text = text[len(sign):]
			continue
		}
		end := strings.IndexAny(text, " \t\r\n<>=!()[],'\"")
		switch {
		case end == 0: // an exclamation mark alone
			return nil, fmt.Errorf("got %q, want a column, a value or a comparison", text[:1])
		case end < 0:
			end = len(text)
		}
		all = append(all, token{text: text[:end]})
		text = text[end:]
	}
	return all, nil
}

func signOf(text string) string {
	for _, s := range signs {
		if strings.HasPrefix(text, s) {
			return s
		}
	}
	return ""
}

// word takes the next token if equal to the keyword.
func (p *parser) word(text string) bool {
	if len(p.tokens) == 0 || p.tokens[0].quoted || p.tokens[0].sign || !strings.EqualFold(p.tokens[0].text, text) {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

// sign takes the next token if equal to the sign.
func (p *parser) sign(text string) bool {
	if len(p.tokens) == 0 || !p.tokens[0].sign || p.tokens[0].text != text {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *parser) either() (expression, error) { return p.chain("or", p.all, true) }

func (p *parser) all() (expression, error) { return p.chain("and", p.one, false) }

// chain reads parts with a word between them.
func (p *parser) chain(word string, part func() (expression, error), either bool) (expression, error) {
	left, err := part()
	for err == nil && p.word(word) {
		var right expression
		right, err = part()
		left = &both{left, right, either}
	}
	return left, err
}

// one reads a test, a negation, or a condition in parentheses.
func (p *parser) one() (expression, error) {
	if p.depth++; p.depth > deepest {
		return nil, fmt.Errorf("got more than %d levels of parentheses and of not", deepest)
	}
	defer func() { p.depth-- }()
	if p.word("not") {
		part, err := p.one()
		return &negation{part}, err
	}
	if p.sign("(") {
		inner, err := p.either()
		if err == nil && !p.sign(")") {
			err = errors.New("got an opening parenthesis that is never closed")
		}
		return inner, err
	}
	return p.test()
}

// test reads a column, an operator and its values.
func (p *parser) test() (expression, error) {
	if len(p.tokens) == 0 || p.tokens[0].sign {
		return nil, fmt.Errorf("got %s, want a column", p.next())
	}
	t := &test{column: p.tokens[0].text}
	p.tokens = p.tokens[1:]
	p.tests = append(p.tests, t)
	if t.column == "" {
		return nil, errors.New("got an empty name, want a column")
	}
	switch {
	case p.word("is"):
		t.operator = "missing"
		if p.word("not") {
			t.operator = "present"
		}
		if !p.word("missing") {
			return nil, fmt.Errorf("got %s after is, want missing", p.next())
		}
		return t, nil
	case p.word("in"):
		t.operator = "in"
		return t, p.list(t)
	case p.word("not"):
		t.operator = "not in"
		if !p.word("in") {
			return nil, fmt.Errorf("got %s after not, want in", p.next())
		}
		return t, p.list(t)
	}
	for _, o := range [][2]string{{"=", "="}, {"==", "="}, {"!=", "!="}, {"<>", "!="}, {"<=", "<="}, {">=", ">="}, {"<", "<"}, {">", ">"}} {
		if p.sign(o[0]) {
			t.operator = o[1]
			v, err := p.value()
			t.values = []value{v}
			if err == nil && t.kind() == Number && !v.numeral {
				err = fmt.Errorf("got %q after %s, want a number", v.text, t.operator)
			}
			return t, err
		}
	}
	return nil, fmt.Errorf("got %s after the column %s, want =, !=, <, <=, >, >=, in or is", p.next(), t.column)
}

// list reads values in brackets.
func (p *parser) list(t *test) error {
	if !p.sign("[") {
		return fmt.Errorf("got %s after in, want values in brackets, such as [at_risk, cant_lose]", p.next())
	}
	for {
		v, err := p.value()
		if err != nil {
			return err
		}
		t.values = append(t.values, v)
		switch {
		case p.sign("]"):
			return nil
		case !p.sign(","):
			return fmt.Errorf("got %s in the list of values, want a comma or a closing bracket", p.next())
		}
	}
}

// value reads a number or a text. A share such as 20% is a number.
func (p *parser) value() (value, error) {
	if len(p.tokens) == 0 || p.tokens[0].sign {
		return value{}, fmt.Errorf("got %s, want a number or a text", p.next())
	}
	k := p.tokens[0]
	p.tokens = p.tokens[1:]
	v := value{text: k.text}
	if k.quoted {
		if k.text == "" {
			return v, errors.New("got an empty text, want a value; write: is missing")
		}
		return v, nil
	}
	digits, percent := strings.CutSuffix(k.text, "%")
	if x, ok := setting.Decimal(digits); ok {
		v.number, _ = x.Float64()
		v.numeral = true
		if percent {
			v.number /= 100
		}
	}
	return v, nil
}

// next describes the next token for a message.
func (p *parser) next() string {
	if len(p.tokens) == 0 {
		return "the end"
	}
	return fmt.Sprintf("%q", p.tokens[0].text)
}
