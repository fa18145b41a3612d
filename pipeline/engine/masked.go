package engine

// A maskedError says what its cause says, without what is not to be seen.
type maskedError struct {
	text  string
	cause error
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.cause }

// masked gives the error as it may be shown and recorded: a program may have printed what it was given.
func masked(mask func(string) string, err error) error {
	if err == nil {
		return nil
	}
	said := err.Error()
	if text := mask(said); text != said {
		return &maskedError{text, err}
	}
	return err
}

// hide masks what is not to be seen in what is said of an instance: it may quote what a program wrote, its own or one
// that fed it.
func (r *runner) hide(text string) string { return r.secrets.Hide(r.plan.Spec.Mask(text)) }
