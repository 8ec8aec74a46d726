//go:build !linux

package main

import "errors"

var errNoTmpfs = errors.New("only Linux has tmpfs")

func mountTmpfs(string, int64) error { return errNoTmpfs }

func unmount(string) error { return errNoTmpfs }
