package jsonpath

// operand is an element of a filter before it is known what role it plays.
// Which fields are set depends on its type in the sense of RFC 9535.
type operand struct {
	pos   int
	value valueExpr   // if it can be compared or passed as a value
	test  logicalExpr // if it can stand alone as a test
	query *query      // if it can be passed as a list of nodes
}

// function describes a function extension: the types of its parameters and how
// to make a call of arguments that have these types.
type function struct {
	params []paramType
	call   func(args []operand) operand
}

type paramType string

const (
	valueParam paramType = "a value (a literal, a singular query or a function that returns a value)"
	nodesParam paramType = "a query"
)

var functions = map[string]function{
	"length": {[]paramType{valueParam}, func(args []operand) operand {
		return operand{value: lengthCall{args[0].value}}
	}},
	"count": {[]paramType{nodesParam}, func(args []operand) operand {
		return operand{value: countCall{*args[0].query}}
	}},
	"value": {[]paramType{nodesParam}, func(args []operand) operand {
		return operand{value: valueCall{*args[0].query}}
	}},
	"match": {[]paramType{valueParam, valueParam}, func(args []operand) operand {
		return operand{test: regexpCall{text: args[0].value, pattern: args[1].value, whole: true}}
	}},
	"search": {[]paramType{valueParam, valueParam}, func(args []operand) operand {
		return operand{test: regexpCall{text: args[0].value, pattern: args[1].value}}
	}},
}

// parseFilter reads a filter selector whose "?" comes next.
func (p *parser) parseFilter() (selector, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.pos++
	p.skipSpace()
	expr, err := p.parseOr()
	if err != nil {
		return nil, err
	}
	return filterSelector{expr}, nil
}

func (p *parser) parseOr() (logicalExpr, error) {
	terms, err := p.parseTerms("||", p.parseAnd)
	if err != nil {
		return nil, err
	}
	if len(terms) == 1 {
		return terms[0], nil
	}
	return orExpr(terms), nil
}

func (p *parser) parseAnd() (logicalExpr, error) {
	terms, err := p.parseTerms("&&", p.parseBasic)
	if err != nil {
		return nil, err
	}
	if len(terms) == 1 {
		return terms[0], nil
	}
	return andExpr(terms), nil
}

// parseTerms reads one term or more with operator between them. It consumes
// white space after the last one too, which the grammar allows in every place
// where a logical expression ends.
func (p *parser) parseTerms(operator string, term func() (logicalExpr, error)) ([]logicalExpr, error) {
	var terms []logicalExpr
	for {
		t, err := term()
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
		p.skipSpace()
		if !p.accept(operator) {
			return terms, nil
		}
		p.skipSpace()
	}
}

// parseBasic reads a parenthesized expression, a comparison or a test.
func (p *parser) parseBasic() (logicalExpr, error) {
	negated := p.accept("!")
	if negated {
		p.skipSpace()
	}
	var expr logicalExpr
	var err error
	switch {
	case p.peek() == '(':
		expr, err = p.parseParentheses()
	case negated:
		expr, err = p.parseTest()
	default:
		expr, err = p.parseComparisonOrTest()
	}
	if err != nil {
		return nil, err
	}
	if negated {
		return notExpr{expr}, nil
	}
	return expr, nil
}

func (p *parser) parseParentheses() (logicalExpr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.pos++
	p.skipSpace()
	expr, err := p.parseOr()
	if err != nil {
		return nil, err
	}
	if !p.accept(")") {
		return nil, p.expected("'&&', '||' or ')'")
	}
	return expr, nil
}

// parseTest reads what may follow "!" other than parentheses: a query or a
// function call, but no comparison, since "!" does not apply to one.
func (p *parser) parseTest() (logicalExpr, error) {
	arg, err := p.parseOperand()
	if err != nil {
		return nil, err
	}
	if arg.test == nil {
		return nil, p.errorAt(arg.pos, "expected a query, a logical function or parentheses after '!'")
	}
	return arg.test, nil
}

func (p *parser) parseComparisonOrTest() (logicalExpr, error) {
	left, err := p.parseOperand()
	if err != nil {
		return nil, err
	}
	p.skipSpace()
	op, ok := p.comparisonOperator()
	if !ok {
		if left.test == nil {
			return nil, p.expected("a comparison operator")
		}
		return left.test, nil
	}
	p.skipSpace()
	right, err := p.parseOperand()
	if err != nil {
		return nil, err
	}
	for _, side := range []operand{left, right} {
		if side.value == nil {
			return nil, p.errorAt(side.pos, "expected for a comparison "+string(valueParam))
		}
	}
	return comparison{op: op, left: left.value, right: right.value}, nil
}

func (p *parser) comparisonOperator() (string, bool) {
	// Longer operators come before their prefixes.
	for _, op := range []string{"==", "!=", "<=", ">=", "<", ">"} {
		if p.accept(op) {
			return op, true
		}
	}
	return "", false
}

// parseOperand reads a literal, a query or a function call.
func (p *parser) parseOperand() (operand, error) {
	start := p.pos
	switch c := p.peek(); {
	case c == '\'' || c == '"':
		s, err := p.quoted()
		return operand{pos: start, value: literal{s}}, err
	case c == '-' || isDigit(c):
		n, err := p.number()
		return operand{pos: start, value: literal{n}}, err
	case c == '$' || c == '@':
		q, err := p.parseQuery()
		arg := operand{pos: start, test: existence{q}, query: &q}
		if q.singular {
			arg.value = singularQuery{q}
		}
		return arg, err
	}
	name := p.identifier()
	if name != "" && p.peek() == '(' {
		arg, err := p.parseCall(name, start)
		arg.pos = start
		return arg, err
	}
	switch name {
	case "true":
		return operand{pos: start, value: literal{true}}, nil
	case "false":
		return operand{pos: start, value: literal{false}}, nil
	case "null":
		return operand{pos: start, value: literal{nil}}, nil
	}
	p.pos = start
	return operand{}, p.expected("a query, a literal or a function call")
}

// parseCall reads a call of the function name, whose "(" comes next.
func (p *parser) parseCall(name string, start int) (operand, error) {
	fn, ok := functions[name]
	if !ok {
		return operand{}, p.errorAt(start, "expected a function: length, count, value, match or search")
	}
	if err := p.enter(); err != nil {
		return operand{}, err
	}
	defer p.leave()
	p.pos++
	var args []operand
	for i, param := range fn.params {
		if i > 0 && !p.accept(",") {
			return operand{}, p.expected("',' and another argument of " + name)
		}
		p.skipSpace()
		arg, err := p.parseOperand()
		if err != nil {
			return operand{}, err
		}
		if param == valueParam && arg.value == nil || param == nodesParam && arg.query == nil {
			return operand{}, p.errorAt(arg.pos, "expected as argument of "+name+" "+string(param))
		}
		args = append(args, arg)
		p.skipSpace()
	}
	if !p.accept(")") {
		return operand{}, p.expected("')' after the arguments of " + name)
	}
	return fn.call(args), nil
}
