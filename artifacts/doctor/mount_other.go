//go:build !linux

package doctor

import "errors"

func findMount(string) (mount, error) { return mount{}, errors.ErrUnsupported }

func volumeOf(string) (volume, error) { return volume{}, errors.ErrUnsupported }
