"""All settings, from environment variables (prefix DECKCAST_, nested by __) or a .env file.

Built once in wiring.py and passed down; nothing else reads the environment.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from deckcast.kit.errors import CallError


class DatabaseSettings(BaseModel):
    """The connection pool, used where the database is PostgreSQL."""

    model_config = ConfigDict(frozen=True)
    pool_min: int = Field(10, ge=1)
    pool_max: int = Field(30, ge=1)


class WorkerSettings(BaseModel):
    """Workers that share a PostgreSQL database: one that has not been heard of for `lease_s` is dead, and others take
    its work over; one that is asked to stop lets what it has begun end within `drain_s`."""

    model_config = ConfigDict(frozen=True)
    lease_s: float = Field(15, ge=1, le=30)
    drain_s: float = Field(30, ge=0)
    keep_days: float = Field(7, ge=1)  # how long the durable engine remembers work that has ended


class StorageSettings(BaseModel):
    """The object store behind STORAGE_URL, where it is s3://…; Cloudflare R2 has the region "auto".
    `public_endpoint` is the store's address for browsers, where that is another; `allow_http` lets `endpoint` be one
    of a private network that is not encrypted. `cache_size_bytes` bounds the copies of its files on this machine."""

    model_config = ConfigDict(frozen=True)
    endpoint: str | None = None
    public_endpoint: str | None = None
    allow_http: bool = False
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: SecretStr | None = None
    cache_size_bytes: int = Field(10 * 1024**3, ge=0)
    keep_days: float = Field(30, ge=1)  # how long files of older attempts are kept


class BatchSettings(BaseModel):
    """Bounds of one batch of avatar videos."""

    model_config = ConfigDict(frozen=True)
    max_concurrent: int = Field(5, ge=1, le=100)
    timeout_per_video_s: float | None = Field(None, gt=0)


class AvatarSettings(BaseModel):
    """Who draws the presenter, how many at once, and how often a provider's account is called by all processes
    together (None: as the provider's adapter says)."""

    model_config = ConfigDict(frozen=True)
    provider: str = "local"
    by_style: dict[str, dict[str, str]] = Field(default_factory=dict)  # provider → narrative style → avatar
    batch: BatchSettings = BatchSettings()
    requests_per_second: float | None = Field(None, gt=0, le=10_000)
    search_apart_s: float = Field(900, gt=0)  # between two searches that prove a job was never made


class HeyGenSettings(BaseModel):
    """The HeyGen account, and what it charges: prices are the self-serve ones for avatars of the studio."""

    model_config = ConfigDict(frozen=True)
    api_key: SecretStr | None = None
    base_url: str = "https://api.heygen.com"
    webhook_secret: SecretStr | None = None
    resolution: Literal["720p", "1080p"] = "1080p"
    usd_per_second: Decimal = Field(Decimal("0.0667"), ge=0)
    billing_step_s: float = Field(1.0, gt=0)


class LlmSettings(BaseModel):
    """The language model that analyses slides and writes narratives; without one the built-in rules do.
    `model` is `<provider>:<model>`, the provider one of openai, anthropic, gemini, ollama; `base_url` is another
    endpoint of the same shape. Prices are USD per million tokens, as the provider's price list says."""

    model_config = ConfigDict(frozen=True)
    model: str | None = None
    api_key: SecretStr | None = None
    base_url: str | None = None
    sees_pictures: bool = True
    max_concurrent: int = Field(10, ge=1, le=100)
    timeout_s: float = Field(120, gt=0)
    usd_per_million_input_tokens: Decimal = Field(Decimal(0), ge=0)
    usd_per_million_output_tokens: Decimal = Field(Decimal(0), ge=0)


class NarrationSettings(BaseModel):
    """How narratives are written where a call does not say."""

    model_config = ConfigDict(frozen=True)
    approach: Literal["notes", "polish", "anew"] = "notes"
    style: Literal["business", "lively", "wry", "teaching"] = "business"
    words_per_minute: int = Field(165, ge=80, le=300)


class OpenAiSpeechSettings(BaseModel):
    """OpenAI's speech, or another endpoint of its shape."""

    model_config = ConfigDict(frozen=True)
    api_key: SecretStr | None = None
    base_url: str = "https://api.openai.com/v1"
    model: str = "gpt-4o-mini-tts"
    usd_per_million_chars: Decimal = Field(Decimal(15), ge=0)
    max_concurrent: int = Field(5, ge=1, le=100)


class ElevenLabsSettings(BaseModel):
    """The ElevenLabs account."""

    model_config = ConfigDict(frozen=True)
    api_key: SecretStr | None = None
    base_url: str = "https://api.elevenlabs.io"
    model: str = "eleven_multilingual_v2"
    usd_per_million_chars: Decimal = Field(Decimal(165), ge=0)
    max_concurrent: int = Field(3, ge=1, le=100)


class AzureSpeechSettings(BaseModel):
    """An Azure Speech resource. `base_url` replaces the region's own addresses."""

    model_config = ConfigDict(frozen=True)
    api_key: SecretStr | None = None
    region: str | None = None
    base_url: str | None = None
    usd_per_million_chars: Decimal = Field(Decimal(16), ge=0)
    max_concurrent: int = Field(5, ge=1, le=100)


class PiperSettings(BaseModel):
    """Piper's voices: where they are kept (default: the data folder) and where they are fetched from."""

    model_config = ConfigDict(frozen=True)
    voices_dir: Path | None = None
    base_url: str = "https://huggingface.co/rhasspy/piper-voices/resolve/main"


class SpeechSettings(BaseModel):
    """Who speaks where a call names no voice: an engine, and a voice of its own."""

    model_config = ConfigDict(frozen=True)
    engine: Literal["espeak", "piper", "openai", "elevenlabs", "azure"] = "espeak"
    voice: str | None = None
    openai: OpenAiSpeechSettings = OpenAiSpeechSettings()
    elevenlabs: ElevenLabsSettings = ElevenLabsSettings()
    azure: AzureSpeechSettings = AzureSpeechSettings()
    piper: PiperSettings = PiperSettings()


class MoneySettings(BaseModel):
    """Caps in USD; None means no cap."""

    model_config = ConfigDict(frozen=True)
    max_per_batch_usd: Decimal | None = Field(None, ge=0)
    max_per_day_usd: Decimal | None = Field(None, ge=0)


class FeatureSettings(BaseModel):
    """What an operator can switch off."""

    model_config = ConfigDict(frozen=True)
    batch_avatar_videos: bool = True


class QuotaSettings(BaseModel):
    """What a user may have at most; None means no bound. What may be spent a day is MONEY__MAX_PER_DAY_USD."""

    model_config = ConfigDict(frozen=True)
    presentations: int | None = Field(None, ge=1)
    storage_bytes: int | None = Field(None, ge=1)


class RateSettings(BaseModel):
    """How often a user may ask for work."""

    model_config = ConfigDict(frozen=True)
    batches_per_minute: int = Field(60, ge=1)
    uploads_per_hour: int = Field(120, ge=1)
    looks_per_minute: int = Field(300, ge=1)  # estimates and previews: what is worked out and not kept


class OidcSettings(BaseModel):
    """An OpenID Connect provider that vouches for users; `label` is what the page calls it."""

    model_config = ConfigDict(frozen=True)
    issuer: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    label: str = "Single sign-on"
    allowed_domains: tuple[str, ...] = ()  # of e-mail addresses; none named: whoever the provider lets in


class TelemetrySettings(BaseModel):
    """Where traces go by OpenTelemetry (OTLP over HTTP); None: nowhere."""

    model_config = ConfigDict(frozen=True)
    otlp_endpoint: str | None = None


class HooksSettings(BaseModel):
    """Where users may have messages sent to: `allow_private` also to addresses of private networks, and without
    https, for companies whose receivers are inside."""

    model_config = ConfigDict(frozen=True)
    allow_private: bool = False


class MetricsSettings(BaseModel):
    """Who may read /metrics: who shows the token; where none is set, who calls on this machine."""

    model_config = ConfigDict(frozen=True)
    token: SecretStr | None = None


class LimitSettings(BaseModel):
    """What a deck may be at most, checked before anything is parsed."""

    model_config = ConfigDict(frozen=True)
    deck_size_bytes: int = Field(250 * 1024 * 1024, gt=0)
    slides: int = Field(500, gt=0)
    convert_timeout_s: float = Field(300, gt=0)


class DeckSettings(BaseModel):
    """Where decks are opened: `converter_dir` is a folder shared with `deckcast converter`, which then opens them in
    this machine's place; `converter_wait_s` is how long a deck waits while no converter takes it."""

    model_config = ConfigDict(frozen=True)
    converter_dir: Path | None = None
    converter_wait_s: float = Field(60, gt=0)


class Settings(BaseSettings):
    """One frozen object with every setting."""

    model_config = SettingsConfigDict(
        env_prefix="DECKCAST_", env_nested_delimiter="__", env_file=".env", extra="ignore", frozen=True
    )
    data_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("deckcast")))
    database_url: str | None = None
    database: DatabaseSettings = DatabaseSettings()
    worker: WorkerSettings = WorkerSettings()
    storage_url: str | None = None
    storage: StorageSettings = StorageSettings()
    public_url: str | None = None
    avatar: AvatarSettings = AvatarSettings()
    heygen: HeyGenSettings = HeyGenSettings()
    llm: LlmSettings = LlmSettings()
    narration: NarrationSettings = NarrationSettings()
    speech: SpeechSettings = SpeechSettings()
    money: MoneySettings = MoneySettings()
    limits: LimitSettings = LimitSettings()
    decks: DeckSettings = DeckSettings()
    features: FeatureSettings = FeatureSettings()
    quotas: QuotaSettings = QuotaSettings()
    rates: RateSettings = RateSettings()
    oidc: OidcSettings = OidcSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    metrics: MetricsSettings = MetricsSettings()
    hooks: HooksSettings = HooksSettings()
    secret_key: SecretStr | None = (
        None  # what the server derives secrets from; None: a file of the data folder
    )
    session_days: float = Field(30, gt=0)
    workers: int = Field(default_factory=lambda: len(os.sched_getaffinity(0)), ge=1)
    log_level: str = "CRITICAL"  # a person sees sentences; tracebacks are for who asks for them
    allow_unsandboxed: bool = False

    @property
    def app_database_url(self) -> str:
        """The database of Deckcast's own rows, as SQLAlchemy wants it with an async driver."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'deckcast.db'}"

    @property
    def engine_database_url(self) -> str:
        """The database of the durable engine (DBOS): beside ours on SQLite, the same server on PostgreSQL."""
        return self.database_url or f"sqlite:///{self.data_dir / 'engine.db'}"


def load_settings() -> Settings:
    """Read the settings; raises CallError (settings_invalid) naming each wrong variable."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"DECKCAST_{'__'.join(str(part).upper() for part in item['loc'])}: {item['msg']}"
            for item in error.errors()
        )
        raise CallError(
            "settings_invalid", f"A setting cannot be used: {wrong}.", next_step="Correct it and try again."
        ) from error
