package fault

// Kind is what sort of thing went wrong. It is an error so that errors.Is(err, fault.NotFound) works.
type Kind string

func (k Kind) Error() string { return string(k) }

// The kinds. httpapi gives each its status.
const (
	Invalid          Kind = "invalid"
	Unauthenticated  Kind = "unauthenticated"
	Forbidden        Kind = "forbidden"
	NotFound         Kind = "not found"
	MethodNotAllowed Kind = "method not allowed"
	Conflict         Kind = "conflict"
	Stale            Kind = "stale"
	TooLarge         Kind = "too large"
	Unsupported      Kind = "unsupported"
	Limited          Kind = "limited"
	Internal         Kind = "internal"
	Outaged          Kind = "unavailable"
)

// Code is the stable, snake_case name of a fault. It is an error so that
// errors.Is(err, fault.NameTaken) works.
type Code string

func (c Code) Error() string { return string(c) }

// Kind is what sort of fault c is; Internal for a code that the table does not have.
func (c Code) Kind() Kind {
	if row, ok := codes[c]; ok {
		return row.kind
	}
	return Internal
}

// Title is the contract's fixed `message` for c.
func (c Code) Title() string {
	if row, ok := codes[c]; ok {
		return row.title
	}
	return codes[InternalError].title
}

// The codes of the contract's error table.
const (
	InvalidBody         Code = "invalid_body"
	UnknownField        Code = "unknown_field"
	InvalidFieldValue   Code = "invalid_field"
	InvalidParameter    Code = "invalid_parameter"
	Unauthorized        Code = "unauthorized"
	KeyLimitReached     Code = "key_limit_reached"
	PermissionDenied    Code = "permission_denied"
	ServiceDenied       Code = "service_denied"
	ScopeDenied         Code = "scope_denied"
	IPDenied            Code = "ip_denied"
	GrantDenied         Code = "grant_denied"
	TierNotAllowed      Code = "tier_not_allowed"
	MemberInactive      Code = "member_inactive"
	OrganizationDenied  Code = "organization_denied"
	SignupClosed        Code = "signup_closed"
	ProxyUntrusted      Code = "proxy_untrusted"
	KeyNotFound         Code = "key_not_found"
	ThingNotFound       Code = "not_found"
	MemberNotFound      Code = "member_not_found"
	RoleNotFound        Code = "role_not_found"
	WrongMethod         Code = "method_not_allowed"
	NameTaken           Code = "name_taken"
	NameImmutable       Code = "name_immutable"
	KeyLocked           Code = "key_locked"
	KeyRevoked          Code = "key_revoked"
	KeyExpired          Code = "key_expired"
	SecretExpiryFixed   Code = "secret_expiry_fixed"
	RoleInUse           Code = "role_in_use"
	LastAdmin           Code = "last_admin"
	IdempotencyConflict Code = "idempotency_conflict"
	VersionMismatch     Code = "version_mismatch"
	BodyTooLarge        Code = "body_too_large"
	UnsupportedType     Code = "unsupported_media_type"
	RateLimited         Code = "rate_limited"
	QuotaExceeded       Code = "quota_exceeded"
	InternalError       Code = "internal"
	Unavailable         Code = "unavailable"
)

const (
	titleBody     = "Invalid request body"
	titleDenied   = "Permission denied"
	titleNotFound = "Not found"
	titleConflict = "Conflict"
	titleLimit    = "Rate limit exceeded"
)

var codes = map[Code]struct {
	kind  Kind
	title string
}{
	InvalidBody:         {Invalid, titleBody},
	UnknownField:        {Invalid, titleBody},
	InvalidFieldValue:   {Invalid, titleBody},
	InvalidParameter:    {Invalid, "Invalid request parameter"},
	Unauthorized:        {Unauthenticated, "Invalid or missing session token"},
	KeyLimitReached:     {Forbidden, "Account key limit reached"},
	PermissionDenied:    {Forbidden, titleDenied},
	ServiceDenied:       {Forbidden, titleDenied},
	ScopeDenied:         {Forbidden, titleDenied},
	IPDenied:            {Forbidden, titleDenied},
	GrantDenied:         {Forbidden, titleDenied},
	TierNotAllowed:      {Forbidden, titleDenied},
	MemberInactive:      {Forbidden, titleDenied},
	OrganizationDenied:  {Forbidden, titleDenied},
	SignupClosed:        {Forbidden, titleDenied},
	ProxyUntrusted:      {Forbidden, titleDenied},
	KeyNotFound:         {NotFound, "API key not found"},
	ThingNotFound:       {NotFound, titleNotFound},
	MemberNotFound:      {NotFound, titleNotFound},
	RoleNotFound:        {NotFound, titleNotFound},
	WrongMethod:         {MethodNotAllowed, "Method not allowed"},
	NameTaken:           {Conflict, titleConflict},
	NameImmutable:       {Conflict, titleConflict},
	KeyLocked:           {Conflict, titleConflict},
	KeyRevoked:          {Conflict, titleConflict},
	KeyExpired:          {Conflict, titleConflict},
	SecretExpiryFixed:   {Conflict, titleConflict},
	RoleInUse:           {Conflict, titleConflict},
	LastAdmin:           {Conflict, titleConflict},
	IdempotencyConflict: {Conflict, titleConflict},
	VersionMismatch:     {Stale, "The key has changed"},
	BodyTooLarge:        {TooLarge, "Request body too large"},
	UnsupportedType:     {Unsupported, "Unsupported content type"},
	RateLimited:         {Limited, titleLimit},
	QuotaExceeded:       {Limited, titleLimit},
	InternalError:       {Internal, "Internal error"},
	Unavailable:         {Outaged, "Service unavailable"},
}
