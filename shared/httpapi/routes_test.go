package httpapi

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// withoutRoute are the functions that no route of ours calls.
var withoutRoute = map[string]bool{"authorizer": true, "cleanup": true, "retier": true, "replay": true, "signingkeys": true}

// Every route's function has a row and a folder, every row a folder and, but for the two, a route, and every folder a row.
func TestRoutes_functionsAndFoldersAreTheSame(t *testing.T) {
	routed := map[string]bool{}
	for _, route := range append(append([]Route{}, Routes...), SampleRoutes...) {
		routed[route.Function] = true
		if _, found := FunctionOf(route.Function); !found {
			t.Errorf("%s %s: there is no function %q in the table", route.Method, route.Path, route.Function)
		}
	}
	rows := map[string]bool{}
	for _, function := range Functions {
		if rows[function.Name] {
			t.Errorf("%s has two rows", function.Name)
		}
		rows[function.Name] = true
		if routed[function.Name] == withoutRoute[function.Name] {
			t.Errorf("%s: a route calls it: %t", function.Name, routed[function.Name])
		}
		if _, err := os.Stat(filepath.Join("..", "..", "functions", function.Name, "main.go")); err != nil {
			t.Error(err)
		}
	}
	folders, err := os.ReadDir(filepath.Join("..", "..", "functions"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if !rows[folder.Name()] {
			t.Errorf("functions/%s has no row in the table", folder.Name())
		}
	}
}

// forAnybody are the routes that every member and every key may call.
var forAnybody = map[string]bool{"GET /v1/account": true, "GET /v1/catalog": true}

// A route is there once, and one that nobody guards asks for no permission.
func TestRoutes_areWellFormed(t *testing.T) {
	catalog := shippedCatalog(t)
	for name, routes := range map[string][]Route{"admin": Routes, "sample": SampleRoutes} {
		seen := map[string]bool{}
		for _, route := range routes {
			what := name + " " + route.Method + " " + route.Path
			if seen[what] {
				t.Errorf("%s is there twice", what)
			}
			seen[what] = true
			if route.Caller == Anyone && route.Permission != "" {
				t.Errorf("%s: nobody checks %s", what, route.Permission)
			}
			if name == "admin" && route.Caller != Anyone && route.Permission == "" && !forAnybody[route.Method+" "+route.Path] {
				t.Errorf("%s needs no permission", what)
			}
			if _, known := catalog.Service(SampleService).Permission(route.Method, route.Path); name == "sample" && !known {
				t.Errorf("%s: the catalog does not know the route", what)
			}
		}
	}
}

// What the table asks for is what the catalog offers for keyward itself, but for what later endpoints will ask for.
func TestRoutes_needWhatTheCatalogOffers(t *testing.T) {
	catalog := shippedCatalog(t)
	for _, route := range Routes {
		if route.Permission != "" && !slices.Contains(catalog.Service(AdminService).Permissions, route.Permission) {
			t.Errorf("%s %s needs %s, which the catalog's service keyward does not list", route.Method, route.Path, route.Permission)
		}
	}
}
