package boolean

// Turns tells tests whether a function changes sign without a draw (Function.turns).
func Turns(f Function) bool { return f.turns() }

// Factors tells tests how many factors a form draws one by one; 0 if it does not.
func Factors(f Form) int { return len(f.parts) }

// Closed sets what a profile has in closed form (Function.closed).
func Closed(f Function, p *Profile, rho float64) { f.closed(p, rho) }
