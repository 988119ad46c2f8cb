"""The first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hooks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hooks")),
    )
    op.create_index(op.f("ix_hooks_owner"), "hooks", ["owner"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "presentations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("titled", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("analysis", sa.JSON(), nullable=True),
        sa.Column("analysis_fingerprint", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("import_step", sa.String(), nullable=False),
        sa.Column("deck_name", sa.String(), nullable=False),
        sa.Column("deck_key", sa.String(), nullable=True),
        sa.Column("next_deck_key", sa.String(), nullable=True),
        sa.Column("deck_size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("deck_sha256", sa.String(), nullable=False),
        sa.Column("reader_version", sa.String(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presentations")),
        sa.UniqueConstraint("owner", "source", name=op.f("uq_presentations_owner_source")),
    )
    op.create_table(
        "provider_accounts",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("next_call_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_accounts")),
    )
    op.create_table(
        "render_jobs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("asset_key", sa.String(), nullable=True),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("retryable", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_render_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_render_jobs_key")),
    )
    op.create_table(
        "spend",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("reserved_microusd", sa.BigInteger(), nullable=False),
        sa.Column("spent_microusd", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "day", name=op.f("pk_spend")),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switches")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_users_issuer_subject")),
        sa.UniqueConstraint("name_key", name=op.f("uq_users_name_key")),
    )
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_events")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_webhook_events_provider_event_id")),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("machine", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_index(op.f("ix_workers_scope"), "workers", ["scope"], unique=False)
    op.create_table(
        "batches",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("presentation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=True),
        sa.Column("todo", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("stride", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["presentation_id"],
            ["presentations.id"],
            name=op.f("fk_batches_presentation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_presentation_id"), "batches", ["presentation_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("presentation_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["presentation_id"],
            ["presentations.id"],
            name=op.f("fk_events_presentation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("presentation_id", "seq", name=op.f("pk_events")),
    )
    op.create_table(
        "hook_deliveries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hook_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["hook_id"], ["hooks.id"], name=op.f("fk_hook_deliveries_hook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook_deliveries")),
    )
    op.create_index(op.f("ix_hook_deliveries_hook_id"), "hook_deliveries", ["hook_id"], unique=False)
    op.create_index("ix_hook_deliveries_next_at", "hook_deliveries", ["next_at"], unique=False)
    op.create_table(
        "presentation_videos",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("presentation_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("asset_key", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("srt_key", sa.String(), nullable=False),
        sa.Column("vtt_key", sa.String(), nullable=False),
        sa.Column("poster_key", sa.String(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["presentation_id"],
            ["presentations.id"],
            name=op.f("fk_presentation_videos_presentation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presentation_videos")),
        sa.UniqueConstraint(
            "presentation_id", "fingerprint", name=op.f("uq_presentation_videos_presentation_id_fingerprint")
        ),
    )
    op.create_table(
        "pronunciations",
        sa.Column("presentation_id", sa.String(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("spoken", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["presentation_id"],
            ["presentations.id"],
            name=op.f("fk_pronunciations_presentation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("presentation_id", "written", name=op.f("pk_pronunciations")),
    )
    op.create_table(
        "shares",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("presentation_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["presentation_id"],
            ["presentations.id"],
            name=op.f("fk_shares_presentation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
        sa.UniqueConstraint("sha256", name=op.f("uq_shares_sha256")),
    )
    op.create_index(op.f("ix_shares_presentation_id"), "shares", ["presentation_id"], unique=False)
    op.create_table(
        "slides",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("presentation_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("included", sa.Boolean(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("image_key", sa.String(), nullable=True),
        sa.Column("image_sha256", sa.String(), nullable=True),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["presentation_id"],
            ["presentations.id"],
            name=op.f("fk_slides_presentation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slides")),
        sa.UniqueConstraint("presentation_id", "key", name=op.f("uq_slides_presentation_id_key")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("last4", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_tokens_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("sha256", name=op.f("uq_tokens_sha256")),
    )
    op.create_index(op.f("ix_tokens_user_id"), "tokens", ["user_id"], unique=False)
    op.create_table(
        "avatar_videos",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slide_id", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=True),
        sa.Column("turn", sa.BigInteger(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_video_id", sa.String(), nullable=True),
        sa.Column("job_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_metadata", sa.JSON(), nullable=False),
        sa.Column("asset_key", sa.String(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("spend_day", sa.String(), nullable=True),
        sa.Column("reserved_microusd", sa.BigInteger(), nullable=False),
        sa.Column("cost_microusd", sa.BigInteger(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("retryable", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_avatar_videos_batch_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["slide_id"], ["slides.id"], name=op.f("fk_avatar_videos_slide_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avatar_videos")),
    )
    op.create_index(
        "ix_avatar_videos_at_the_provider",
        "avatar_videos",
        ["provider"],
        unique=False,
        sqlite_where=sa.text("status IN ('submitting', 'processing') AND job_ended_at IS NULL"),
        postgresql_where=sa.text("status IN ('submitting', 'processing') AND job_ended_at IS NULL"),
    )
    op.create_index(op.f("ix_avatar_videos_batch_id"), "avatar_videos", ["batch_id"], unique=False)
    op.create_index(op.f("ix_avatar_videos_provider"), "avatar_videos", ["provider"], unique=False)
    op.create_index(
        op.f("ix_avatar_videos_provider_video_id"), "avatar_videos", ["provider_video_id"], unique=False
    )
    op.create_index(
        "ix_avatar_videos_slide_id_fingerprint", "avatar_videos", ["slide_id", "fingerprint"], unique=False
    )
    op.create_index(op.f("ix_avatar_videos_updated_at"), "avatar_videos", ["updated_at"], unique=False)
    op.create_index(
        "ix_avatar_videos_waiting",
        "avatar_videos",
        ["line", "turn"],
        unique=False,
        sqlite_where=sa.text("turn IS NOT NULL AND status = 'pending'"),
        postgresql_where=sa.text("turn IS NOT NULL AND status = 'pending'"),
    )
    op.create_index(
        "uq_avatar_videos_active",
        "avatar_videos",
        ["slide_id", "fingerprint"],
        unique=True,
        sqlite_where=sa.text(
            "status IN ('pending', 'submitting', 'processing', 'publishing', 'unresolved', 'timed_out')"
        ),
        postgresql_where=sa.text(
            "status IN ('pending', 'submitting', 'processing', 'publishing', 'unresolved', 'timed_out')"
        ),
    )
    op.create_table(
        "charges",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("spend_day", sa.String(), nullable=True),
        sa.Column("reserved_microusd", sa.BigInteger(), nullable=False),
        sa.Column("cost_microusd", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_charges_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charges")),
    )
    op.create_index(op.f("ix_charges_batch_id"), "charges", ["batch_id"], unique=False)
    op.create_table(
        "narratives",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slide_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("style", sa.String(), nullable=False),
        sa.Column("writer", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("slide_fingerprint", sa.String(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["slide_id"], ["slides.id"], name=op.f("fk_narratives_slide_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_narratives")),
        sa.UniqueConstraint(
            "slide_id", "language", "version", name=op.f("uq_narratives_slide_id_language_version")
        ),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("token_id", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"], ["tokens.id"], name=op.f("fk_sessions_token_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("sha256", name=op.f("uq_sessions_sha256")),
    )
    op.create_index(op.f("ix_sessions_token_id"), "sessions", ["token_id"], unique=False)
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "slide_analyses",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slide_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["slide_id"], ["slides.id"], name=op.f("fk_slide_analyses_slide_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slide_analyses")),
        sa.UniqueConstraint("slide_id", "fingerprint", name=op.f("uq_slide_analyses_slide_id_fingerprint")),
    )
    op.create_table(
        "slide_clips",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slide_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("asset_key", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("speech_duration_s", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["slide_id"], ["slides.id"], name=op.f("fk_slide_clips_slide_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slide_clips")),
        sa.UniqueConstraint("slide_id", "fingerprint", name=op.f("uq_slide_clips_slide_id_fingerprint")),
    )
    op.create_table(
        "speeches",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slide_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("voice", sa.String(), nullable=False),
        sa.Column("audio_key", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("timings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["slide_id"], ["slides.id"], name=op.f("fk_speeches_slide_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speeches")),
        sa.UniqueConstraint("slide_id", "fingerprint", name=op.f("uq_speeches_slide_id_fingerprint")),
    )
    op.create_table(
        "batch_items",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("slide_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("todo", sa.JSON(), nullable=False),
        sa.Column("placement", sa.JSON(), nullable=False),
        sa.Column("narrative", sa.JSON(), nullable=True),
        sa.Column("analysis_id", sa.String(), nullable=True),
        sa.Column("narrative_id", sa.String(), nullable=True),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("estimated_s", sa.Double(), nullable=False),
        sa.Column("reused", sa.Boolean(), nullable=False),
        sa.Column("speech_id", sa.String(), nullable=True),
        sa.Column("avatar_video_id", sa.String(), nullable=True),
        sa.Column("clip_id", sa.String(), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("retryable", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phase_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worked_s", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("line", sa.String(), nullable=True),
        sa.Column("turn", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["slide_analyses.id"],
            name=op.f("fk_batch_items_analysis_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["avatar_video_id"],
            ["avatar_videos.id"],
            name=op.f("fk_batch_items_avatar_video_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_items_batch_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["clip_id"], ["slide_clips.id"], name=op.f("fk_batch_items_clip_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["narrative_id"], ["narratives.id"], name=op.f("fk_batch_items_narrative_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["slide_id"], ["slides.id"], name=op.f("fk_batch_items_slide_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["speech_id"], ["speeches.id"], name=op.f("fk_batch_items_speech_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_items")),
        sa.UniqueConstraint("batch_id", "slide_id", name=op.f("uq_batch_items_batch_id_slide_id")),
    )
    op.create_index(op.f("ix_batch_items_avatar_video_id"), "batch_items", ["avatar_video_id"], unique=False)
    op.create_index(op.f("ix_batch_items_ended_at"), "batch_items", ["ended_at"], unique=False)
    op.create_index(op.f("ix_batch_items_slide_id"), "batch_items", ["slide_id"], unique=False)
    op.create_index(
        "ix_batch_items_waiting",
        "batch_items",
        ["line", "turn"],
        unique=False,
        sqlite_where=sa.text("turn IS NOT NULL AND ended_at IS NULL"),
        postgresql_where=sa.text("turn IS NOT NULL AND ended_at IS NULL"),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("avatar_video_id", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("first_called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("searched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.String(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["avatar_video_id"],
            ["avatar_videos.id"],
            name=op.f("fk_submissions_avatar_video_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint(
            "avatar_video_id", "attempt", name=op.f("uq_submissions_avatar_video_id_attempt")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_submissions_key")),
    )


def downgrade() -> None:
    op.drop_table("submissions")
    op.drop_index(
        "ix_batch_items_waiting",
        table_name="batch_items",
        sqlite_where=sa.text("turn IS NOT NULL AND ended_at IS NULL"),
        postgresql_where=sa.text("turn IS NOT NULL AND ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_batch_items_slide_id"), table_name="batch_items")
    op.drop_index(op.f("ix_batch_items_ended_at"), table_name="batch_items")
    op.drop_index(op.f("ix_batch_items_avatar_video_id"), table_name="batch_items")
    op.drop_table("batch_items")
    op.drop_table("speeches")
    op.drop_table("slide_clips")
    op.drop_table("slide_analyses")
    op.drop_index(op.f("ix_sessions_user_id"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_token_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("narratives")
    op.drop_index(op.f("ix_charges_batch_id"), table_name="charges")
    op.drop_table("charges")
    op.drop_index(
        "uq_avatar_videos_active",
        table_name="avatar_videos",
        sqlite_where=sa.text(
            "status IN ('pending', 'submitting', 'processing', 'publishing', 'unresolved', 'timed_out')"
        ),
        postgresql_where=sa.text(
            "status IN ('pending', 'submitting', 'processing', 'publishing', 'unresolved', 'timed_out')"
        ),
    )
    op.drop_index(
        "ix_avatar_videos_waiting",
        table_name="avatar_videos",
        sqlite_where=sa.text("turn IS NOT NULL AND status = 'pending'"),
        postgresql_where=sa.text("turn IS NOT NULL AND status = 'pending'"),
    )
    op.drop_index(op.f("ix_avatar_videos_updated_at"), table_name="avatar_videos")
    op.drop_index("ix_avatar_videos_slide_id_fingerprint", table_name="avatar_videos")
    op.drop_index(op.f("ix_avatar_videos_provider_video_id"), table_name="avatar_videos")
    op.drop_index(op.f("ix_avatar_videos_provider"), table_name="avatar_videos")
    op.drop_index(op.f("ix_avatar_videos_batch_id"), table_name="avatar_videos")
    op.drop_index(
        "ix_avatar_videos_at_the_provider",
        table_name="avatar_videos",
        sqlite_where=sa.text("status IN ('submitting', 'processing') AND job_ended_at IS NULL"),
        postgresql_where=sa.text("status IN ('submitting', 'processing') AND job_ended_at IS NULL"),
    )
    op.drop_table("avatar_videos")
    op.drop_index(op.f("ix_tokens_user_id"), table_name="tokens")
    op.drop_table("tokens")
    op.drop_table("slides")
    op.drop_index(op.f("ix_shares_presentation_id"), table_name="shares")
    op.drop_table("shares")
    op.drop_table("pronunciations")
    op.drop_table("presentation_videos")
    op.drop_index("ix_hook_deliveries_next_at", table_name="hook_deliveries")
    op.drop_index(op.f("ix_hook_deliveries_hook_id"), table_name="hook_deliveries")
    op.drop_table("hook_deliveries")
    op.drop_table("events")
    op.drop_index(op.f("ix_batches_presentation_id"), table_name="batches")
    op.drop_table("batches")
    op.drop_index(op.f("ix_workers_scope"), table_name="workers")
    op.drop_table("workers")
    op.drop_table("webhook_events")
    op.drop_table("users")
    op.drop_table("switches")
    op.drop_table("spend")
    op.drop_table("render_jobs")
    op.drop_table("provider_accounts")
    op.drop_table("presentations")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(op.f("ix_hooks_owner"), table_name="hooks")
    op.drop_table("hooks")
