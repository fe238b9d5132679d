// Package configured deploys with the commands that the README gives, and shows that what a deployment may choose holds. There is
// nothing but a test in it: it needs the emulator.
package configured
