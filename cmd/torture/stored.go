package main

import "context"

func storedLetters(ctx context.Context, a *arena) ([]letter, error) { return nil, nil }
