import Store

extension People {
    /// The tables of this area.
    public static let migrations: [Migration] = [
        Migration(
            "people-001",
            """
            create table organization (
              id {id} not null primary key, kind {text} not null, parent_id {id}, name {text} not null,
              name_en {text}, code {text}, country {text}, time_zone {text} not null,
              is_active {int} not null, search {text} not null, version {int} not null
            ) {table};
            create index organization_kind on organization (kind, name, id);
            create index organization_parent on organization (parent_id, name);
            create table account (
              id {id} not null primary key, login {text} not null, name {text} not null,
              name_latin {text}, email {text}, phone {text}, organization_id {id} not null,
              password_hash {text}, language {text} not null, time_zone {text} not null, theme {text},
              is_active {int} not null, skills {text} not null, languages {text} not null, place {text},
              leave_from {int}, leave_to {int}, must_change_password {int} not null,
              search {text} not null, created_at {int} not null, version {int} not null
            ) {table};
            create unique index account_login on account (login);
            create index account_email on account (email);
            create index account_organization on account (organization_id, login);
            create table post (
              id {id} not null primary key, account_id {id} not null, role {text} not null,
              unit_id {id}, project_id {id}, site_id {id}, from_at {int} not null, to_at {int}
            ) {table};
            create index post_account on post (account_id, from_at);
            create index post_role on post (role, from_at);
            create index post_unit on post (unit_id);
            create index post_project on post (project_id);
            create index post_site on post (site_id);
            create table project (
              id {id} not null primary key, code {text} not null, name {text} not null, name_en {text},
              customer_id {id} not null, contract {text}, is_active {int} not null,
              search {text} not null, version {int} not null
            ) {table};
            create unique index project_code on project (code);
            create index project_customer on project (customer_id, code);
            create table project_contact (
              id {id} not null primary key, project_id {id} not null, contact_id {id} not null,
              deputy_id {id}, site_lead_id {id}, technical_lead_id {id}, from_at {int} not null,
              to_at {int}
            ) {table};
            create index project_contact_project on project_contact (project_id, from_at);
            create index project_contact_contact on project_contact (contact_id);
            create index project_contact_deputy on project_contact (deputy_id);
            create index project_contact_site_lead on project_contact (site_lead_id);
            create index project_contact_technical on project_contact (technical_lead_id);
            create table site (
              id {id} not null primary key, project_id {id} not null, name {text} not null,
              name_en {text}, country {text}, time_zone {text} not null, address {text},
              is_active {int} not null, version {int} not null
            ) {table};
            create index site_project on site (project_id, name);
            create table session (
              token_hash {text} not null primary key, account_id {id} not null,
              form_token {text} not null, created_at {int} not null, last_seen_at {int} not null,
              confirmed_at {int}, idle_ms {int} not null, expires_at {int} not null,
              remote {text} not null, agent {text} not null
            ) {table};
            create index session_account on session (account_id, created_at);
            create index session_expires on session (expires_at);
            create table api_token (
              id {id} not null primary key, account_id {id} not null, name {text} not null,
              token_hash {text} not null, created_at {int} not null, last_used_at {int},
              expires_at {int}, revoked_at {int}
            ) {table};
            create unique index api_token_hash on api_token (token_hash);
            create index api_token_account on api_token (account_id, created_at);
            create table reset_link (
              token_hash {text} not null primary key, account_id {id} not null,
              created_at {int} not null, expires_at {int} not null, used_at {int}, made_by {id}
            ) {table};
            create index reset_link_account on reset_link (account_id);
            create table routing (
              id {id} not null primary key, category {text} not null, product {text}, unit_id {id} not null,
              position {int} not null
            ) {table};
            create index routing_category on routing (category, position);
            """)
    ]
}
