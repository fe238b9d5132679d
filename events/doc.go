// Package events holds a sample event for every function and every shape of event that it gets: a folder for each
// function, as under functions/. The tests drive each through its handler, and `sam local invoke -e` takes them as
// they are. The key, the session token and the organization in them were made up; their form is right.
package events
