package engine

// A maskedError says what its cause says, without the values of sensitive variables.
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
