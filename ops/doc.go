// Package ops has no code: in its folders is what somebody needs who runs the
// gateway. prometheus/ has alert rules with tests of their own, grafana/ a
// dashboard, systemd/ a unit, container/ the recipe of an image. What each alert
// means is in docs/operating.md. The tests here hold these files together.
package ops
