// Package apikey says what a key is.
//
// A [Secret] is what the customer holds; it carries the key's [ID], so that the record is
// addressed directly. A [Record] is all that deciding needs, and the only thing an authorization
// touches; a [Key] is the record and what people wrote about it. [Spender] and [Keys] are what a
// store promises; package storetest holds every store to it.
package apikey
