package httpapi

import (
	"context"
	"net/http"

	"github.com/keyward/keyward/shared/org"
	"github.com/keyward/keyward/shared/team"
)

// memberJSON is a member as others see them.
type memberJSON struct {
	ID         string   `json:"id"` // the subject or, while an invitation by e-mail is open, the address
	Email      string   `json:"email"`
	Roles      []string `json:"roles"`
	Status     string   `json:"status"`
	JoinedAt   *string  `json:"joined_at"`
	LastSeenAt *string  `json:"last_seen_at"`
}

func memberOf(member org.Member) memberJSON {
	return memberJSON{
		ID:         member.ID(),
		Email:      member.Email,
		Roles:      append([]string{}, member.Roles...),
		Status:     string(member.Status),
		JoinedAt:   timestampOrNull(member.JoinedAt),
		LastSeenAt: timestampOrNull(member.LastSeenAt),
	}
}

type membersJSON struct {
	Members []memberJSON `json:"members"`
}

// Members is the function of GET /v1/members, and of GET, PUT and DELETE /v1/members/{id}.
func (e Edge) Members(service *team.Service) Handler {
	return e.routed(map[string]Handler{
		"GET /v1/members":         e.listMembers(service),
		"GET /v1/members/{id}":    e.getMember(service),
		"PUT /v1/members/{id}":    e.putMember(service),
		"DELETE /v1/members/{id}": e.removeMember(service),
	})
}

func (e Edge) listMembers(service *team.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		members, err := service.Members(ctx, call.caller())
		if err != nil {
			return reply{}, err
		}
		out := membersJSON{make([]memberJSON, len(members))}
		for i, member := range members {
			out.Members[i] = memberOf(member)
		}
		return reply{status: http.StatusOK, message: "Members retrieved successfully", data: out}, nil
	})
}

func (e Edge) getMember(service *team.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		member, err := service.Member(ctx, call.caller(), call.parameter("id"))
		if err != nil {
			return reply{}, err
		}
		return reply{status: http.StatusOK, message: "Member retrieved successfully", data: memberOf(member)}, nil
	})
}

// memberPutJSON is the body of PUT /v1/members/{id}.
type memberPutJSON struct {
	Roles  optional[[]string] `json:"roles"`
	Status optional[string]   `json:"status"`
}

func (e Edge) putMember(service *team.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		body, err := call.rawBody()
		if err != nil {
			return reply{}, err
		}
		in, err := decode[memberPutJSON](body)
		if err != nil {
			return reply{}, err
		}
		patch := team.MemberPatch{Roles: in.Roles.Optional, Status: in.Status.Optional}
		member, created, err := service.PutMember(ctx, call.caller(), call.parameter("id"), patch)
		if err != nil {
			return reply{}, err
		}
		return reply{status: putStatus(created), message: "Member updated successfully", data: memberOf(member)}, nil
	})
}

// putStatus is 201 for what was not there before.
func putStatus(created bool) int {
	if created {
		return http.StatusCreated
	}
	return http.StatusOK
}

func (e Edge) removeMember(service *team.Service) Handler {
	return e.guardedEndpoint(func(ctx context.Context, call call) (reply, error) {
		member, err := service.RemoveMember(ctx, call.caller(), call.parameter("id"))
		if err != nil {
			return reply{}, err
		}
		return reply{status: http.StatusOK, message: "Member removed successfully", data: memberOf(member)}, nil
	})
}
