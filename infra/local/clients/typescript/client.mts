// The TypeScript client printed in the Veriglob document. Only the base URL and the session token are from the
// environment, and the key's id from the key that was made.
declare const process: { env: Record<string, string> };
const baseUrl = process.env.KEYWARD_URL;
const sessionToken = process.env.KEYWARD_TOKEN;

interface GenerateKeyRequest {
  name: string;
  tier?: string;
}

interface GenerateKeyResponse {
  status: string;
  message: string;
  data: {
    key_id: string;
    api_key: string;
    name: string;
    tier: string;
    rate_limit: number;
    created_at: string;
    last_used_at: string | null;
  };
}

async function generateApiKey(
  sessionToken: string,
  name: string,
  tier?: string
): Promise<GenerateKeyResponse> {
  const response = await fetch(`${baseUrl}/v1/keys/generate`, {
    method: 'POST',
    headers: {
      'Authorization': `Bearer ${sessionToken}`,
      'Content-Type': 'application/json'
    },
    body: JSON.stringify({ name, tier })
  });

  if (!response.ok) {
    throw new Error(`HTTP error! status: ${response.status}`);
  }

  return response.json();
}

// Usage
const result = await generateApiKey(sessionToken, 'Production API Key');
console.log('API Key:', result.data.api_key);
console.log('Rate Limit:', result.data.rate_limit, 'requests/min');

interface APIKeySummary {
  key_id: string;
  name: string;
  key_prefix: string;
  tier: string;
  rate_limit: number;
  created_at: string;
  last_used_at: string | null;
  active: boolean;
}

interface ListKeysResponse {
  status: string;
  message: string;
  data: {
    keys: APIKeySummary[];
    total: number;
  };
}

async function listApiKeys(sessionToken: string): Promise<ListKeysResponse> {
  const response = await fetch(`${baseUrl}/v1/keys`, {
    headers: { 'Authorization': `Bearer ${sessionToken}` }
  });

  if (!response.ok) {
    throw new Error(`HTTP error! status: ${response.status}`);
  }

  return response.json();
}

// Usage
const keys = await listApiKeys(sessionToken);
console.log('Total keys:', keys.data.total);
keys.data.keys.forEach(key => {
  console.log(`- ${key.name} (${key.tier}): ${key.key_prefix}`);
});

interface GetKeyResponse {
  status: string;
  message: string;
  data: {
    key_id: string;
    name: string;
    key_prefix: string;
    tier: string;
    rate_limit: number;
    created_at: string;
    last_used_at: string | null;
    active: boolean;
    usage: {
      requests_today: number;
      requests_this_month: number;
    };
  };
}

async function getApiKeyDetails(
  sessionToken: string,
  keyId: string
): Promise<GetKeyResponse> {
  const response = await fetch(
    `${baseUrl}/v1/keys/${keyId}`,
    { headers: { 'Authorization': `Bearer ${sessionToken}` } }
  );

  if (!response.ok) {
    throw new Error(`HTTP error! status: ${response.status}`);
  }

  return response.json();
}

// Usage
const key = await getApiKeyDetails(sessionToken, result.data.key_id);
console.log('Key name:', key.data.name);
console.log('Usage today:', key.data.usage.requests_today);

interface UpdateKeyResponse {
  status: string;
  message: string;
  data: {
    key_id: string;
    name: string;
    updated_at: string;
  };
}

async function updateApiKey(
  sessionToken: string,
  keyId: string,
  name: string
): Promise<UpdateKeyResponse> {
  const response = await fetch(
    `${baseUrl}/v1/keys/${keyId}`,
    {
      method: 'PATCH',
      headers: {
        'Authorization': `Bearer ${sessionToken}`,
        'Content-Type': 'application/json'
      },
      body: JSON.stringify({ name })
    }
  );

  if (!response.ok) {
    throw new Error(`HTTP error! status: ${response.status}`);
  }

  return response.json();
}

// Usage
const updated = await updateApiKey(
  sessionToken,
  result.data.key_id,
  'Renamed Production Key'
);
console.log('Updated at:', updated.data.updated_at);

interface RevokeKeyResponse {
  status: string;
  message: string;
  data: {
    key_id: string;
    revoked_at: string;
  };
}

async function revokeApiKey(
  sessionToken: string,
  keyId: string
): Promise<RevokeKeyResponse> {
  const response = await fetch(
    `${baseUrl}/v1/keys/${keyId}`,
    {
      method: 'DELETE',
      headers: { 'Authorization': `Bearer ${sessionToken}` }
    }
  );

  if (!response.ok) {
    throw new Error(`HTTP error! status: ${response.status}`);
  }

  return response.json();
}

// Usage
const revoked = await revokeApiKey(sessionToken, result.data.key_id);
console.log('Revoked at:', revoked.data.revoked_at);
