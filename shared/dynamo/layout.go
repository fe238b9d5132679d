// Package dynamo is the store on DynamoDB: one table, in which every request of the hot path is one write.
//
// This file is the schema, and the only code that spells the key of an item. How a change moves through the items is
// told in change.go, how a request is counted in spend.go.
//
//	item                    pk            sk                       written by
//	hot record              KEY#<id>      AUTH                     create; then single conditional updates, never a transaction
//	rules kept apart        KEY#<id>      RULES#<rules id>         with the key or the change that has them; rules.go
//	details                 ORG#<org>     KEY#<id>                 every change of a key
//	unique name             ORG#<org>     NAME#<folded name>       whoever holds the name, or claims it
//	expiry                  ORG#<org>     EXP#<time or never>#<id> while the key holds its place
//	organization            ORG#<org>     ORG                      sign-up, settings; its counters by create, revoke, release, delete
//	member                  ORG#<org>     MEMBER#<hash>            sign-up, every change of the member; when they are seen
//	members' version        ORG#<org>     ROSTER                   every change of a member
//	own roles               ORG#<org>     ROLES                    every change of one: they are one item
//	person's organizations  WHO#<identity> ORG#<org>               with the member of that identity, of whatever status
//	address's invitations   MAIL#<hash>   ORG#<org>                with the open invitation, which is a member too
//	session's counters      WHO#<identity> SPEND                   every request with a session token
//	activity                ORG#<org>     ACT#<ulid>               every change
//	idempotent create       IDEM#<hmac>   IDEM                     create; the sealed secret goes with the key
//	public key              SIGN          <kid>                    whoever makes the keys that sign keys in JWT format
//
// The hot record has names of one letter, because they are paid for with every request:
//
//	o organization   h digest            l limit a minute   n requests ever    v version
//	w owner          g retiring digest   q quota a day      u last used at     p pending changes (pending.go)
//	e environment    k grace until       y quota a month    a last used from   m…, d…, M… a window and its count
//	r revoked at     t tier              R roles            x expires at       (the name is ratelimit's Window.Name)
//	i disabled       T tier inherited    P permissions      O own limit
//	I inherits       S services          N networks allowed z id of the rules
//	                 C customers         D networks denied  Z rules kept apart
//	                 A accounts          (networks.go)
//
// Times are whole seconds since 1970. What is false, empty or zero is absent. Attributes that this code does not know
// are left as they are: no item of a key is ever written whole but once.
//
// The index "due" is sparse and keys-only. Its partition (due_pk) says why cleanup must look at an item, its sort key
// (due_sk, <time>#<org>#<id>) since when:
//
//	pending#<0-7>   hot record or details: a change was begun that may have been cut off
//	due#<0-7>       details: a key that holds its place until that time
//	ended#<0-7>     details: a key that was revoked or expired at that time
//	follow#<0-7>    organization (<time>#<org>): its tier has changed, and keys have still to follow it
//
// No attribute that a spend writes is in the index, so a spend costs the one write and nothing else.
// TTL (attribute ttl) removes idempotent creates, and nothing that correctness waits for.
package dynamo

import (
	"hash/crc32"
	"strconv"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/org"
)

// key is the primary key of an item.
type key struct{ pk, sk string }

func (k key) item() item { return item{attrPK: text(k.pk), attrSK: text(k.sk)} }

func keyOf(i item) key { return key{i.text(attrPK), i.text(attrSK)} }

const (
	prefixKey      = "KEY#"
	prefixOrg      = "ORG#"
	prefixWho      = "WHO#"
	prefixIdem     = "IDEM#"
	prefixName     = "NAME#"
	prefixExpiry   = "EXP#"
	prefixMember   = "MEMBER#"
	prefixActivity = "ACT#"
	prefixRules    = "RULES#"
	prefixMail     = "MAIL#"

	sortAuth   = "AUTH"
	sortOrg    = "ORG"
	sortRoster = "ROSTER"
	sortRoles  = "ROLES"
	sortSpend  = "SPEND"
	sortIdem   = "IDEM"

	// PartitionSign holds the public keys of the signing keys, which are everybody's to read.
	PartitionSign = "SIGN"

	// never stands for the expiry of a key that has none. It sorts behind every time.
	never = "never#"
)

func authKey(id apikey.ID) key { return key{prefixKey + string(id), sortAuth} }
func rulesKey(id apikey.ID, rules string) key {
	return key{prefixKey + string(id), prefixRules + rules}
}
func detailsKey(o org.ID, id apikey.ID) key { return key{orgPartition(o), prefixKey + string(id)} }
func nameKey(o org.ID, folded string) key   { return key{orgPartition(o), prefixName + folded} }
func orgKey(o org.ID) key                   { return key{orgPartition(o), sortOrg} }
func activityKey(o org.ID, id string) key   { return key{orgPartition(o), prefixActivity + id} }
func memberKey(o org.ID, hash string) key   { return key{orgPartition(o), prefixMember + hash} }
func rosterKey(o org.ID) key                { return key{orgPartition(o), sortRoster} }
func rolesKey(o org.ID) key                 { return key{orgPartition(o), sortRoles} }
func sessionKey(who org.Identity) key       { return key{whoPartition(who), sortSpend} }
func idemKey(id apikey.IdempotencyID) key   { return key{prefixIdem + string(id), sortIdem} }
func signKey(id string) key                 { return key{PartitionSign, id} }

// linkKey is the item by which a member is found from outside their organization: by who they are or, while they are but
// invited, by their address.
func linkKey(m org.Member, o org.ID) key {
	if m.Subject == "" {
		return key{mailPartition(m.Hash()), prefixOrg + string(o)}
	}
	return key{whoPartition(m.Identity), prefixOrg + string(o)}
}

func expiryKey(o org.ID, id apikey.ID, expires time.Time) key {
	return key{orgPartition(o), prefixExpiry + apikey.ExpiryPosition(expires, id)}
}

func orgPartition(o org.ID) string         { return prefixOrg + string(o) }
func whoPartition(who org.Identity) string { return prefixWho + who.Hash() }
func mailPartition(hash string) string     { return prefixMail + hash }

// organizationOf is the organization that a link leads to.
func organizationOf(link key) org.ID { return org.ID(strings.TrimPrefix(link.sk, prefixOrg)) }

// idOf is the key that an AUTH, KEY or EXP item is about.
func idOf(k key) apikey.ID {
	if k.sk == sortAuth {
		return apikey.ID(strings.TrimPrefix(k.pk, prefixKey))
	}
	return apikey.ID(k.sk[strings.LastIndexByte(k.sk, '#')+1:])
}

// Why a key, or an organization, is in the index.
const (
	whyPending = "pending"
	whyDue     = "due"
	whyEnded   = "ended"
	whyFollow  = "follow"

	// dueBuckets is how many partitions of the index share what is due for one reason.
	dueBuckets = 8
)

// due is a place in the index; the zero value is none.
type due struct{ pk, sk string }

func dueAt(why string, at time.Time, o org.ID, id apikey.ID) due {
	return due{duePartition(why, bucketOf(string(id))), dueTime(at) + "#" + string(o) + "#" + string(id)}
}

func followAt(at time.Time, o org.ID) due {
	return due{duePartition(whyFollow, bucketOf(string(o))), dueTime(at) + "#" + string(o)}
}

func bucketOf(id string) int { return int(crc32.ChecksumIEEE([]byte(id)) % dueBuckets) }

func duePartition(why string, bucket int) string { return why + "#" + strconv.Itoa(bucket) }

// dueTime is how a sort key of the index begins for what is due at that time: everything before that time is below it.
func dueTime(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// dueKeyOf reads whom a sort key of the index is about.
func dueKeyOf(sort string) (apikey.DueKey, bool) {
	parts := strings.Split(sort, "#")
	if len(parts) != 3 {
		return apikey.DueKey{}, false
	}
	return apikey.DueKey{Organization: org.ID(parts[1]), ID: apikey.ID(parts[2])}, true
}

// followerOf reads which organization a sort key of the index is about.
func followerOf(sort string) org.ID { return org.ID(sort[strings.IndexByte(sort, '#')+1:]) }
