// Command go is the Go client printed in the Veriglob document. Only the base URL and the session token are from the
// environment, and main, which is printed for GenerateApiKey alone, calls the others too.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

var baseURL = os.Getenv("KEYWARD_URL")

type GenerateKeyRequest struct {
	Name string `json:"name"`
	Tier string `json:"tier,omitempty"`
}

type GenerateKeyResponse struct {
	Status  string `json:"status"`
	Message string `json:"message"`
	Data    struct {
		KeyID      string  `json:"key_id"`
		APIKey     string  `json:"api_key"`
		Name       string  `json:"name"`
		Tier       string  `json:"tier"`
		RateLimit  int     `json:"rate_limit"`
		CreatedAt  string  `json:"created_at"`
		LastUsedAt *string `json:"last_used_at"`
	} `json:"data"`
}

func GenerateApiKey(sessionToken, name, tier string) (*GenerateKeyResponse, error) {
	reqBody := GenerateKeyRequest{
		Name: name,
		Tier: tier,
	}
	jsonData, _ := json.Marshal(reqBody)

	req, err := http.NewRequest("POST", baseURL+"/v1/keys/generate", bytes.NewBuffer(jsonData))
	if err != nil {
		return nil, err
	}

	req.Header.Set("Authorization", "Bearer "+sessionToken)
	req.Header.Set("Content-Type", "application/json")

	client := &http.Client{}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()

	var result GenerateKeyResponse
	json.NewDecoder(resp.Body).Decode(&result)
	return &result, nil
}

type APIKeySummary struct {
	KeyID      string  `json:"key_id"`
	Name       string  `json:"name"`
	KeyPrefix  string  `json:"key_prefix"`
	Tier       string  `json:"tier"`
	RateLimit  int     `json:"rate_limit"`
	CreatedAt  string  `json:"created_at"`
	LastUsedAt *string `json:"last_used_at"`
	Active     bool    `json:"active"`
}

type ListKeysResponse struct {
	Status  string `json:"status"`
	Message string `json:"message"`
	Data    struct {
		Keys  []APIKeySummary `json:"keys"`
		Total int             `json:"total"`
	} `json:"data"`
}

func ListApiKeys(sessionToken string) (*ListKeysResponse, error) {
	req, _ := http.NewRequest("GET", baseURL+"/v1/keys", nil)
	req.Header.Set("Authorization", "Bearer "+sessionToken)

	client := &http.Client{}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()

	var result ListKeysResponse
	json.NewDecoder(resp.Body).Decode(&result)
	return &result, nil
}

type GetKeyResponse struct {
	Status  string `json:"status"`
	Message string `json:"message"`
	Data    struct {
		KeyID      string  `json:"key_id"`
		Name       string  `json:"name"`
		KeyPrefix  string  `json:"key_prefix"`
		Tier       string  `json:"tier"`
		RateLimit  int     `json:"rate_limit"`
		CreatedAt  string  `json:"created_at"`
		LastUsedAt *string `json:"last_used_at"`
		Active     bool    `json:"active"`
		Usage      struct {
			RequestsToday     int `json:"requests_today"`
			RequestsThisMonth int `json:"requests_this_month"`
		} `json:"usage"`
	} `json:"data"`
}

func GetApiKeyDetails(sessionToken, keyId string) (*GetKeyResponse, error) {
	url := fmt.Sprintf(baseURL+"/v1/keys/%s", keyId)
	req, _ := http.NewRequest("GET", url, nil)
	req.Header.Set("Authorization", "Bearer "+sessionToken)

	client := &http.Client{}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()

	var result GetKeyResponse
	json.NewDecoder(resp.Body).Decode(&result)
	return &result, nil
}

type RevokeKeyResponse struct {
	Status  string `json:"status"`
	Message string `json:"message"`
	Data    struct {
		KeyID     string `json:"key_id"`
		RevokedAt string `json:"revoked_at"`
	} `json:"data"`
}

func RevokeApiKey(sessionToken, keyId string) (*RevokeKeyResponse, error) {
	url := fmt.Sprintf(baseURL+"/v1/keys/%s", keyId)
	req, _ := http.NewRequest("DELETE", url, nil)
	req.Header.Set("Authorization", "Bearer "+sessionToken)

	client := &http.Client{}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()

	var result RevokeKeyResponse
	json.NewDecoder(resp.Body).Decode(&result)
	return &result, nil
}

type UpdateKeyRequest struct {
	Name string `json:"name"`
}

type UpdateKeyResponse struct {
	Status  string `json:"status"`
	Message string `json:"message"`
	Data    struct {
		KeyID     string `json:"key_id"`
		Name      string `json:"name"`
		UpdatedAt string `json:"updated_at"`
	} `json:"data"`
}

func UpdateApiKey(sessionToken, keyId, name string) (*UpdateKeyResponse, error) {
	reqBody := UpdateKeyRequest{Name: name}
	jsonData, _ := json.Marshal(reqBody)

	url := fmt.Sprintf(baseURL+"/v1/keys/%s", keyId)
	req, _ := http.NewRequest("PATCH", url, bytes.NewBuffer(jsonData))
	req.Header.Set("Authorization", "Bearer "+sessionToken)
	req.Header.Set("Content-Type", "application/json")

	client := &http.Client{}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()

	var result UpdateKeyResponse
	json.NewDecoder(resp.Body).Decode(&result)
	return &result, nil
}

func main() {
	sessionToken := os.Getenv("KEYWARD_TOKEN")

	result, _ := GenerateApiKey(sessionToken, "Production API Key", "")
	fmt.Printf("API Key: %s\n", result.Data.APIKey)
	fmt.Printf("Rate Limit: %d requests/min\n", result.Data.RateLimit)

	keys, _ := ListApiKeys(sessionToken)
	fmt.Printf("Total keys: %d\n", keys.Data.Total)
	for _, key := range keys.Data.Keys {
		fmt.Printf("- %s (%s): %s\n", key.Name, key.Tier, key.KeyPrefix)
	}

	key, _ := GetApiKeyDetails(sessionToken, result.Data.KeyID)
	fmt.Printf("Key name: %s\n", key.Data.Name)
	fmt.Printf("Usage today: %d\n", key.Data.Usage.RequestsToday)

	updated, _ := UpdateApiKey(sessionToken, result.Data.KeyID, "Renamed Production Key")
	fmt.Printf("Updated at: %s\n", updated.Data.UpdatedAt)

	revoked, _ := RevokeApiKey(sessionToken, result.Data.KeyID)
	fmt.Printf("Revoked at: %s\n", revoked.Data.RevokedAt)
}
