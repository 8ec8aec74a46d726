package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/voorpoort/voorpoort/delivery"
)

// asideSuffix ends the names of files with records.
const asideSuffix = ".record"

// setAside keeps a record as a file of its own, durably: a line of JSON, then the
// events. Its name has the time of the write and the place in the line, and is
// the same when a crash makes it happen again.
func (s *Store) setAside(m *delivery.Message, data []byte, why error) error {
	name := fmt.Sprintf("%s-%d%s", m.Time.UTC().Format("20060102T150405Z"), m.Seq, asideSuffix)
	file := filepath.Join(s.opt.Aside, name)
	if err := writeDurably(file, data); err != nil {
		return fmt.Errorf("spool: putting a record aside: %w", err)
	}
	s.refused = refusals{}
	s.opt.WentAside(file, why)
	return nil
}

// Aside counts the records that lie in a folder because the shared store will
// never have them.
func Aside(folder string) (int, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*"+asideSuffix))
	return len(files), err
}

// writeDurably makes a file that is there whole, or not at all, whatever happens
// meanwhile.
func writeDurably(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return err
	}
	return syncFolders(dir, filepath.Dir(dir))
}

// syncFolders makes the names in folders durable.
func syncFolders(folders ...string) error {
	for _, folder := range folders {
		d, err := os.Open(filepath.Clean(folder))
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}
