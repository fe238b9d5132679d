# The Python client printed in the Veriglob document. Only the base URL and the session token are from the
# environment, and the key's id from the key that was made.
import os

import requests
from typing import Optional

base_url = os.environ['KEYWARD_URL']
session_token = os.environ['KEYWARD_TOKEN']


def generate_api_key(
    session_token: str,
    name: str,
    tier: Optional[str] = None
) -> dict:
    """Generate a new API key."""
    payload = {'name': name}
    if tier:
        payload['tier'] = tier

    response = requests.post(
        f'{base_url}/v1/keys/generate',
        headers={
            'Authorization': f'Bearer {session_token}',
            'Content-Type': 'application/json'
        },
        json=payload
    )
    response.raise_for_status()
    return response.json()


# Usage
result = generate_api_key(session_token, 'Production API Key')
print(f"API Key: {result['data']['api_key']}")
print(f"Rate Limit: {result['data']['rate_limit']} requests/min")

key_id = result['data']['key_id']


def list_api_keys(session_token: str) -> dict:
    """List all API keys for the account."""
    response = requests.get(
        f'{base_url}/v1/keys',
        headers={'Authorization': f'Bearer {session_token}'}
    )
    response.raise_for_status()
    return response.json()


# Usage
result = list_api_keys(session_token)
print(f"Total keys: {result['data']['total']}")
for key in result['data']['keys']:
    print(f"- {key['name']} ({key['tier']}): {key['key_prefix']}")


def get_api_key_details(session_token: str, key_id: str) -> dict:
    """Get details for a specific API key."""
    response = requests.get(
        f'{base_url}/v1/keys/{key_id}',
        headers={'Authorization': f'Bearer {session_token}'}
    )
    response.raise_for_status()
    return response.json()


# Usage
result = get_api_key_details(session_token, key_id)
print(f"Key name: {result['data']['name']}")
print(f"Usage today: {result['data']['usage']['requests_today']}")


def update_api_key(session_token: str, key_id: str, name: str) -> dict:
    """Update an API key's name."""
    response = requests.patch(
        f'{base_url}/v1/keys/{key_id}',
        headers={
            'Authorization': f'Bearer {session_token}',
            'Content-Type': 'application/json'
        },
        json={'name': name}
    )
    response.raise_for_status()
    return response.json()


# Usage
result = update_api_key(session_token, key_id, 'Renamed Production Key')
print(f"Updated at: {result['data']['updated_at']}")


def revoke_api_key(session_token: str, key_id: str) -> dict:
    """Permanently revoke an API key."""
    response = requests.delete(
        f'{base_url}/v1/keys/{key_id}',
        headers={'Authorization': f'Bearer {session_token}'}
    )
    response.raise_for_status()
    return response.json()


# Usage
result = revoke_api_key(session_token, key_id)
print(f"Revoked at: {result['data']['revoked_at']}")
