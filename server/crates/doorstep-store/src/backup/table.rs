//! What a backup holds: one list of tables in an order that foreign keys allow. Tests compare it with both schemas.

/// What a column holds; both engines store nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A 128-bit id: UUID on PostgreSQL, 16 bytes on SQLite.
    Id,
    /// A 64-bit integer.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

/// A table of the backup.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns in the order in which rows are written.
    pub columns: &'static [(&'static str, Kind)],
    /// The order of its rows, so that two backups of the same rows are the same bytes.
    order: &'static str,
    /// Which rows; empty for all.
    only: &'static str,
}

impl Table {
    /// The statement that reads all rows.
    pub(crate) fn select(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        format!(
            "SELECT {} FROM {} {} ORDER BY {}",
            names.join(", "),
            self.name,
            self.only,
            self.order
        )
    }

    /// The statement that adds rows of some columns, up to VALUES.
    pub(crate) fn insert(&self, columns: &[usize]) -> String {
        let names: Vec<&str> = columns.iter().map(|at| self.columns[*at].0).collect();
        format!("INSERT INTO {} ({})", self.name, names.join(", "))
    }
}

/// Tables that no backup holds: what can be made again, and what must not outlive its moment. Of the blind indexes only
/// the case numbers of erased persons are kept, because nothing else could make them again.
pub const LEFT_OUT: &[&str] = &[
    "device_held",
    "device_place",
    "idempotency",
    "job",
    "lease",
    "log_witness",
    "read_entry",
    "read_subject",
    "session",
    "throttle",
];

macro_rules! tables {
    ($($name:ident by $order:literal $(only $only:literal)? { $($kind:ident: $($column:ident)+);+ $(;)? })+) => {
        /// All tables of a backup, in the order in which they are written and restored.
        pub const TABLES: &[Table] = &[$(Table {
            name: stringify!($name),
            columns: &[$($((stringify!($column), Kind::$kind)),+),+],
            order: $order,
            only: concat!($($only)?),
        }),+];
    };
}

tables! {
    tenant by "tenant_id" { Id: tenant_id; Text: name; Int: created_at }
    agency by "tenant_id, agency_id" { Id: tenant_id agency_id; Text: name; Int: listed }
    office by "tenant_id, agency_id" { Id: tenant_id agency_id; Text: complaints }
    portfolio by "tenant_id, portfolio_id" { Id: tenant_id portfolio_id; Text: name kind; Int: amount_age_max }
    strategy by "tenant_id, portfolio_id, version" {
        Id: tenant_id portfolio_id; Int: version; Text: body digest; Id: set_by; Int: set_at
    }
    team by "tenant_id, team_id" { Id: tenant_id team_id agency_id; Text: name }
    territory by "tenant_id, territory_id" { Id: tenant_id territory_id team_id; Text: name cells }
    crew by "tenant_id, crew_id" { Id: tenant_id crew_id team_id; Text: name travel }
    staff by "tenant_id, staff_id" {
        Id: tenant_id staff_id alias team_id agency_id;
        Text: login password_hash role; Int: active; Text: languages; Int: certificate_until; Bytes: sealed;
        Int: password_first; Bytes: mac
    }
    credential by "tenant_id, credential_id" {
        Id: tenant_id credential_id staff_id; Text: kind; Id: portfolio_id; Int: issued_day until_day; Id: noted_by;
        Int: noted_at; Id: ended_by; Int: ended_at; Text: end_reason; Bytes: sealed mac
    }
    agency_listing by "tenant_id, listing_id" {
        Id: tenant_id listing_id agency_id portfolio_id; Int: from_day until_day; Id: listed_by; Int: listed_at;
        Id: ended_by; Int: ended_at; Bytes: mac
    }
    agency_evaluation by "tenant_id, evaluation_id" {
        Id: tenant_id evaluation_id agency_id; Int: day; Text: result; Id: evaluated_by; Int: evaluated_at;
        Bytes: sealed mac
    }
    agency_recall by "tenant_id, recall_id" {
        Id: tenant_id recall_id agency_id team_id; Int: every; Text: reason state; Id: asked_by; Int: asked_at; Id: words_id;
        Int: cases visits recalled_at due_at; Text: method copies; Id: confirmed_by; Int: confirmed_at; Id: confirmed_words;
        Id: answered_by; Int: answered_at; Id: answered_words; Bytes: mac
    }
    password_set by "tenant_id, staff_id, set_by, set_at" { Id: tenant_id staff_id set_by; Int: set_at }
    roster by "tenant_id, roster_id" { Id: tenant_id roster_id crew_id staff_id; Int: shift_start shift_end }
    person by "tenant_id, person_id" { Id: tenant_id person_id alias; Int: created_at erased_at }
    address by "tenant_id, address_id" {
        Id: tenant_id address_id person_id; Text: state provenance kind; Int: cell; Text: zone country region;
        Id: place_digest text_id; Int: verified_at; Text: verified_how; Int: retired_at
    }
    payload by "tenant_id, event_id" { Id: tenant_id event_id subject_id; Bytes: sealed }
    import by "tenant_id, import_id" {
        Id: tenant_id import_id staff_id agency_id; Text: state; Bytes: file_hash; Int: created_at; Text: counts;
        Bytes: give_back; Id: team_id; Text: kind
    }
    cases by "tenant_id, case_id" {
        Id: tenant_id case_id alias portfolio_id agency_id team_id person_id address_id; Text: status; Int: flags;
        Text: stage; Int: days_past_due due_day amount principal interest penalty fees; Text: currency;
        Int: amount_as_of last_visit_day visits_before; Bytes: content_hash; Id: payload_id import_id;
        Int: version updated_at ended_at; Bytes: ended_mac
    }
    case_stage by "tenant_id, case_id, n" { Id: tenant_id case_id; Int: n at; Text: status stage }
    loan by "tenant_id, case_id" {
        Id: tenant_id case_id portfolio_id agency_id team_id person_id address_id; Text: source currency; Int: as_of;
        Id: number_digest; Bytes: content_hash; Id: payload_id; Int: flags last_visit_day visits_before; Id: import_id;
        Int: version updated_at
    }
    instalment by "tenant_id, case_id, due_day" {
        Id: tenant_id case_id; Int: due_day number due_principal due_interest due_penalty due_fees paid_principal
        paid_interest paid_penalty paid_fees waived_principal waived_interest waived_penalty waived_fees booked_day
    }
    posting by "tenant_id, posting_id" {
        Id: tenant_id posting_id case_id; Int: due_day; Text: kind; Id: source_id;
        Int: booked_day principal interest penalty fees
    }
    payment by "tenant_id, payment_id" {
        Id: tenant_id payment_id case_id portfolio_id agency_id; Int: paid_on amount; Text: currency;
        Id: reference_digest content_digest; Text: kind state reason; Int: received_at booked_day; Id: file_id; Int: line;
        Id: payload_id decided_by; Int: decided_at; Id: decision_id; Int: version
    }
    daily_run by "tenant_id, day" { Id: tenant_id; Int: day ran_at }
    import_row by "tenant_id, import_id, line" {
        Id: tenant_id import_id; Int: line; Text: result reasons; Id: case_id; Text: action; Int: version; Text: before;
        Text: columns_at other_lines
    }
    blind by "tenant_id, digest, owner_id" only "WHERE kind = 'erased'" {
        Id: tenant_id; Text: kind; Id: digest owner_id
    }
    plan by "tenant_id, plan_id" {
        Id: tenant_id plan_id alias team_id; Int: first_day days; Text: state; Int: seed iterations;
        Text: packs travel_label zone; Int: objective; Text: findings; Int: version created_at published_at
    }
    route by "tenant_id, route_id" { Id: tenant_id route_id plan_id crew_id; Int: day depart back metres driving }
    plan_case by "tenant_id, plan_id, case_id" {
        Id: tenant_id plan_id case_id route_id visit_id; Int: position arrive starts ends value; Text: reason worth
    }
    odds_model by "tenant_id, version" {
        Id: tenant_id; Int: version trained_at first_day last_day visits met at_the_door agreed; Text: body digest
    }
    visit by "tenant_id, visit_id" {
        Id: tenant_id visit_id alias case_id plan_id crew_id; Int: day; Text: state;
        Int: planned_start planned_end started_at due_out finished_at; Text: outcome matter; Int: version; Text: withdrawn
    }
    visit_scene by "tenant_id, visit_id" { Id: tenant_id visit_id; Text: stage amount reached }
    visit_staff by "tenant_id, visit_id, staff_id" { Id: tenant_id visit_id staff_id }
    contact by "tenant_id, contact_id" {
        Id: tenant_id contact_id case_id person_id address_id; Text: channel; Int: at; Text: outcome; Id: event_id;
        Id: number_digest staff_id; Text: rules default_reason step
    }
    step_done by "tenant_id, done_id" {
        Id: tenant_id done_id case_id; Text: step channel; Int: done_at; Id: staff_id
    }
    visit_ask by "tenant_id, ask_id" {
        Id: tenant_id ask_id case_id staff_id; Text: reason; Int: asked_at until_at
    }
    calm by "tenant_id, calm_id" {
        Id: tenant_id calm_id portfolio_id; Text: region; Int: from_day until_day; Text: mode reason state;
        Id: asked_by; Int: asked_at; Id: answered_by; Int: answered_at; Id: ended_by; Int: ended_at visits
    }
    promise by "tenant_id, event_id" { Id: tenant_id event_id case_id; Int: day amount; Text: currency }
    device by "tenant_id, device_id" {
        Id: tenant_id device_id staff_id; Text: kid; Bytes: public_key; Text: state; Int: next_dseq; Bytes: head_hash;
        Text: app; Int: enrolled_at seen_at pull_cursor renewed_ms settled_at head_at; Text: alg; Bytes: mac
    }
    partner_key by "tenant_id, key_id" {
        Id: tenant_id key_id device_id staff_id; Text: kid alg; Bytes: public_key; Int: added_at ended_at; Bytes: mac
    }
    joined by "tenant_id, event_id" { Id: tenant_id event_id visit_id staff_id; Int: at; Text: said sig }
    door_given by "tenant_id, visit_id, device_id" { Id: tenant_id visit_id device_id; Int: given_at }
    device_code by "tenant_id, code_hash" { Id: tenant_id; Bytes: code_hash; Id: staff_id; Int: expires; Bytes: mac }
    event by "tenant_id, event_id" {
        Id: tenant_id event_id device_id; Int: dseq; Bytes: hdr hdr_hash sig; Text: kind; Id: visit_id;
        Text: status flags; Int: received_at
    }
    recorder by "tenant_id, recorder_id" {
        Id: tenant_id recorder_id; Text: number; Id: agency_id added_by; Int: added_at ended_at
    }
    recorder_use by "tenant_id, use_id" {
        Id: tenant_id use_id recorder_id staff_id; Int: first_day last_day; Id: given_by; Int: given_at
    }
    recording by "tenant_id, recording_id" only "WHERE state <> 'receiving'" {
        Id: tenant_id recording_id recorder_id staff_id person_id; Int: began_at ended_at offset_s;
        Text: source media; Int: bytes; Bytes: hash; Text: state; Int: parts; Bytes: hashing; Id: added_by;
        Int: added_at gone_at
    }
    recording_part by "tenant_id, recording_id, part"
        only "WHERE recording_id IN (SELECT recording_id FROM recording WHERE state <> 'receiving')" {
        Id: tenant_id recording_id; Int: part; Bytes: hash
    }
    recording_visit by "tenant_id, recording_id, visit_id"
        only "WHERE recording_id IN (SELECT recording_id FROM recording WHERE state <> 'receiving')" {
        Id: tenant_id recording_id visit_id case_id
    }
    recording_due by "tenant_id, visit_id" {
        Id: tenant_id visit_id case_id person_id; Int: due_at; Text: state; Int: missing_at settled_at;
        Id: settled_by words_id
    }
    evidence by "tenant_id, evidence_id" {
        Id: tenant_id evidence_id visit_id; Bytes: hash; Int: size; Text: media state
    }
    contact_edit by "tenant_id, edit_id" {
        Id: tenant_id edit_id case_id person_id; Text: field; Int: version base;
        Id: payload_id staff_id device_id visit_id address_id address_before value_digest; Int: made_at received_at
    }
    notice by "tenant_id, notice_id" {
        Id: tenant_id notice_id visit_id case_id person_id; Int: day; Text: channel language state;
        Int: queued_at handed_over_at delivered_at returned_at withdrawn_at; Bytes: code_hash; Int: code_expires;
        Bytes: stop_hash; Id: payload_id
    }
    notice_waiver by "tenant_id, visit_id" {
        Id: tenant_id visit_id case_id; Int: day; Id: staff_id; Text: reason; Int: waived_at
    }
    restriction by "tenant_id, restriction_id" {
        Id: tenant_id restriction_id case_id person_id; Text: kind channels places hours; Int: starts_at ends_at;
        Text: source; Id: staff_id visit_id event_id; Int: made_at lifted_at; Id: lifted_by; Text: lift_reason;
        Id: lift_note_id approval_id
    }
    consent by "tenant_id, consent_id" {
        Id: tenant_id consent_id case_id person_id address_id; Text: scope rule given state; Int: starts_at ends_at;
        Text: source; Id: staff_id event_id; Int: made_at withdrawn_at; Text: withdrawn_source; Id: withdrawn_by;
        Bytes: mac
    }
    letter by "tenant_id, letter_id" {
        Id: tenant_id letter_id case_id person_id; Text: kind language state; Id: payload_id;
        Int: amount_as_of fresh_until; Id: made_by; Int: made_at handed_over_at; Id: contact_id;
        Int: delivered_at returned_at withdrawn_at
    }
    leaflet_given by "tenant_id, given_id" {
        Id: tenant_id given_id case_id person_id visit_id; Text: leaflet version language place; Id: staff_id; Int: given_at
    }
    training_run by "tenant_id, run_id" {
        Id: tenant_id run_id staff_id; Text: scenario version answers state; Int: started_at ended_at
    }
    debrief by "tenant_id, debrief_id" {
        Id: tenant_id debrief_id staff_id; Text: cause; Id: source_id; Int: opened_at due_day done_at; Id: done_by
    }
    wish by "tenant_id, wish_id" {
        Id: tenant_id wish_id notice_id visit_id case_id person_id; Text: kind state; Id: payload_id;
        Int: made_at answered_at; Id: answered_by
    }
    notice_page by "tenant_id, notice_id" { Id: tenant_id notice_id; Int: tries locked_at }
    receipt by "tenant_id, event_id" { Id: tenant_id event_id; Bytes: ref_hash }
    conflict by "tenant_id, conflict_id" {
        Id: tenant_id conflict_id visit_id; Text: field; Id: left_event right_event; Text: state; Int: found_at;
        Id: case_id; Int: settled_at; Id: settled_by; Text: taken; Id: settled_event
    }
    alarm by "tenant_id, alarm_id" {
        Id: tenant_id alarm_id visit_id; Text: kind state; Int: raised_at; Id: crew_id staff_id device_id;
        Int: quiet_until; Id: acknowledged_by; Int: acknowledged_at; Id: ended_by; Int: ended_at; Text: ended_why;
        Id: note_id
    }
    review by "tenant_id, review_id" {
        Id: tenant_id review_id visit_id staff_id; Text: decision; Id: note_id; Int: decided_at
    }
    agreement by "tenant_id, agreement_id" {
        Id: tenant_id agreement_id case_id person_id; Text: kind state agreed_by currency; Int: amount made_day last_day;
        Text: every; Int: rate_ppm off_principal off_interest off_penalty off_fees after_count; Id: plan_id;
        Int: grace_days missed_max; Id: staff_id visit_id event_id terms_id approval_id; Int: made_at state_day;
        Text: end_reason; Id: ended_by; Int: ended_at version
    }
    agreement_instalment by "tenant_id, agreement_id, number" {
        Id: tenant_id agreement_id; Int: number day amount interest
    }
    waived by "tenant_id, waived_id" {
        Id: tenant_id waived_id case_id agreement_id; Int: day; Text: currency; Int: principal interest penalty fees made_at
    }
    means by "tenant_id, means_id" { Id: tenant_id means_id case_id person_id staff_id payload_id; Int: made_at }
    complaint by "tenant_id, complaint_id" {
        Id: tenant_id complaint_id case_id person_id visit_id staff_id; Text: channel state outcome;
        Int: received_at acknowledge_by answer_by; Id: opened_by event_id words_id owner_id; Int: taken_at;
        Id: closed_by; Int: closed_at; Id: answer_id
    }
    quality_draw by "tenant_id, week" {
        Id: tenant_id; Int: week leaf_index; Bytes: leaf_hash; Int: per_staff drawn_at
    }
    quality_check by "tenant_id, check_id" {
        Id: tenant_id check_id visit_id staff_id; Int: week; Text: because state; Int: drawn_at; Text: found;
        Id: scored_by; Int: scored_at; Id: remarks_id; Int: appealed_at; Id: appeal_id; Text: decision;
        Id: decided_by; Int: decided_at; Id: decision_id
    }
    flag_answer by "tenant_id, source_id, code, staff_id" {
        Id: tenant_id source_id; Text: code; Id: staff_id visit_id words_id; Int: answered_at
    }
    approval by "tenant_id, approval_id" {
        Id: tenant_id approval_id; Text: kind; Id: subject_id asked_by answered_by; Text: state; Int: asked_at expires;
        Text: reason; Bytes: mac
    }
    legal_hold by "tenant_id, hold_id" {
        Id: tenant_id hold_id case_id; Text: reason; Id: placed_by; Int: placed_at ends_at; Id: released_by;
        Int: released_at; Text: released_why
    }
    purge_person by "tenant_id, approval_id, person_id" { Id: tenant_id approval_id person_id }
    purge_recording by "tenant_id, approval_id, recording_id" { Id: tenant_id approval_id recording_id }
    read_review by "tenant_id, read_id" { Id: tenant_id read_id staff_id; Text: finding reason; Int: decided_at }
    rule_pack by "tenant_id, name, version" { Id: tenant_id; Text: name; Int: version; Text: body; Int: active_from }
    log by "tenant_id, name" {
        Id: tenant_id; Text: name origin; Int: generation size; Bytes: root; Int: note_size; Text: note halted; Int: meta_size meta_at;
        Int: cosigned_size; Text: cosigned_note; Bytes: mac
    }
    // The numbers of waiting leaves are the engine's own; only their order counts.
    log_queue by "queue_id" { Id: tenant_id; Text: name; Bytes: leaf mac }
    log_refused by "tenant_id, name, refused_at, leaf" { Id: tenant_id; Text: name; Bytes: leaf; Int: refused_at }
    log_ended by "tenant_id, name, generation" {
        Id: tenant_id; Text: name; Int: generation; Text: origin; Int: size; Bytes: root; Text: note
    }
    log_leaf by "tenant_id, name, generation, position" { Id: tenant_id; Text: name; Int: generation position; Bytes: leaf }
    log_stamp by "tenant_id, name, generation, size" {
        Id: tenant_id; Text: name; Int: generation size; Text: note; Bytes: response; Int: stamped_at taken_at
    }
    log_tile by "tenant_id, name, generation, level, position" {
        Id: tenant_id; Text: name; Int: generation level position; Bytes: hashes
    }
}
