//go:build unix && !linux

package program

import "os"

// Without a way to get the orphans of another process there is nothing to guard.

func firstName() string { return supervisorName }

func guardsDeath() <-chan os.Signal { return nil }

func guard([]string) int { return 1 }
