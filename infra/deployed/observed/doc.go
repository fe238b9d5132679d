// Package observed reads what a deployment tells of itself: the lines of its functions' logs, its alarms and its dashboard.
// There is nothing but tests in it; `make verify` runs them.
package observed
