"""The model of the design experiment, and the playground's, at the same size.

Sizes: B sequences, T tokens, n new tokens, C channels, H heads of D, L layers.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

CONTEXT = 40


class RmsNorm(nn.Module):
    def __init__(self, C):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(C))

    def forward(self, x):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5) * self.weight


class Model(nn.Module):
    """Two pre-norm layers of 64 channels, gpt-32 of 32, and 4 heads.

    gpt, gpt-32: LayerNorm, learned positions, GELU of 4C, biases, a head of its own.
    llama, the playground's: RmsNorm, rotated positions, SwiGLU of 176, no biases, tied head.
    """

    H, L = 4, 2

    def __init__(self, kind, vocabulary):
        super().__init__()
        C, self.gpt = 32 if kind == 'gpt-32' else 64, kind != 'llama'
        self.C, self.D = C, C // self.H
        norm = nn.LayerNorm if self.gpt else RmsNorm

        def layers(make):
            return nn.ModuleList(make() for _ in range(self.L))

        self.embed = nn.Embedding(vocabulary, C)
        if self.gpt:
            self.position = nn.Embedding(CONTEXT, C)
        self.norm1, self.norm2 = layers(lambda: norm(C)), layers(lambda: norm(C))
        self.qkv = layers(lambda: nn.Linear(C, 3 * C, bias=self.gpt))
        self.out = layers(lambda: nn.Linear(C, C, bias=self.gpt))
        self.up = layers(lambda: nn.Linear(C, 4 * C if self.gpt else 2 * 176, bias=self.gpt))
        self.down = layers(lambda: nn.Linear(4 * C if self.gpt else 176, C, bias=self.gpt))
        self.norm = norm(C)
        self.head = nn.Linear(C, vocabulary, bias=False)
        if not self.gpt:
            self.head.weight = self.embed.weight
            rates = 10000.0 ** (-torch.arange(0, self.D, 2).float() / self.D)
            angles = torch.arange(CONTEXT).float()[:, None] * rates
            self.cos, self.sin = angles.cos().repeat(1, 2), angles.sin().repeat(1, 2)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                residual = name.startswith(('out.', 'down.'))
                nn.init.normal_(parameter, std=0.02 / (math.sqrt(2 * self.L) if residual else 1))
            elif name.endswith('bias'):
                nn.init.zeros_(parameter)

    def inputs(self, tokens, positions):
        x = self.embed(tokens)
        return x + self.position(positions) if self.gpt else x

    def heads(self, qkv, positions):
        """Queries, keys and values [B,T,H,D] of qkv [B,T,3C], turned by position for llama."""
        q, k, v = qkv.view(*qkv.shape[:2], 3, self.H, self.D).unbind(2)
        return (q, k, v) if self.gpt else (self.turn(q, positions), self.turn(k, positions), v)

    def turn(self, x, positions):
        cos, sin = self.cos[positions][:, None], self.sin[positions][:, None]
        left, right = x.chunk(2, -1)
        return x * cos + torch.cat([-right, left], -1) * sin

    def mlp(self, layer, x):
        hidden = self.up[layer](x)
        if self.gpt:
            return self.down[layer](F.gelu(hidden))
        gate, value = hidden.split(176, -1)
        return self.down[layer](F.silu(gate) * value)

    def forward(self, tokens, lengths, rows, columns):
        """Logits at (rows, columns) of padded tokens [B,T]; no work is done for padding."""
        B, T = tokens.shape
        kept = (torch.arange(T)[None] < lengths[:, None]).view(-1).nonzero()[:, 0]
        place = torch.zeros(B * T, dtype=torch.long)  # padding reads token 0; no later one sees it
        place[kept] = torch.arange(len(kept))
        x = self.inputs(tokens.reshape(-1)[kept], torch.arange(T).repeat(B)[kept])
        mask = torch.full((T, T), -1e9).triu(1)
        for layer in range(self.L):
            qkv = self.qkv[layer](self.norm1[layer](x))[place].view(B, T, -1)
            q, k, v = (h.transpose(1, 2) for h in self.heads(qkv, torch.arange(T)))
            scores = q @ k.transpose(-1, -2) * (1 / math.sqrt(self.D)) + mask
            mixed = (torch.softmax(scores, -1) @ v).transpose(1, 2).reshape(B * T, self.C)
            x = x + self.out[layer](mixed[kept])
            x = x + self.mlp(layer, self.norm2[layer](x))
        return self.head(self.norm(x[place[rows * T + columns]]))

    @torch.no_grad()
    def extend(self, tokens, start, cache):
        """Logits after the last of tokens [B,n] from position start; cache: [B,H,T,D] by layer."""
        B, n = tokens.shape
        positions, end = torch.arange(start, start + n), start + n
        x = self.inputs(tokens, positions)
        mask = torch.full((n, end), -1e9).triu(start + 1)
        for layer, (keys, values) in enumerate(cache):
            q, k, v = self.heads(self.qkv[layer](self.norm1[layer](x)), positions)
            keys[:, :, start:end], values[:, :, start:end] = k.transpose(1, 2), v.transpose(1, 2)
            scores = q.transpose(1, 2) @ keys[:, :, :end].transpose(-1, -2)
            attention = torch.softmax(scores * (1 / math.sqrt(self.D)) + mask, -1)
            mixed = (attention @ values[:, :, :end]).transpose(1, 2).reshape(B, n, -1)
            x = x + self.out[layer](mixed)
            x = x + self.mlp(layer, self.norm2[layer](x))
        return self.head(self.norm(x[:, -1]))
