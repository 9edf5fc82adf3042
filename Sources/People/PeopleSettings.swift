import Base
import Store
import Web

/// What a house can set, each as versions with the time they take effect. A change never rewrites what
/// was decided under an older version.
public enum HouseSetting: String, Sendable, CaseIterable {
    case houseName = "house_name"
    case houseTimeZone = "house_time_zone"
    case fourEyes = "four_eyes"
    case costLimit = "cost_limit_minor"
    /// Above it a stock document needs a service manager's approval.
    case stockLimit = "stock_limit_minor"
    /// Over how many hours what one person posts alone counts together against that limit; 0: not at all.
    case stockAloneHours = "stock_alone_hours"
    /// Above it finance, not the service manager, approves the difference of a stock check.
    case countFinanceLimit = "count_finance_limit_minor"
    /// Above it management does.
    case countManagementLimit = "count_management_limit_minor"
    case currency
    case baseURL = "base_url"
    case sessionHours = "session_hours"
    case quietFrom = "quiet_from"
    case quietTo = "quiet_to"

    /// Amounts of money in minor units of the house's currency.
    public var isAmount: Bool {
        [.costLimit, .stockLimit, .countFinanceLimit, .countManagementLimit].contains(self)
    }

    /// What holds until somebody sets it.
    public var standard: JSON {
        switch self {
        case .houseName: .make(["zh": "Fettle", "en": "Fettle"])
        case .houseTimeZone: "Asia/Shanghai"
        case .fourEyes: "strict"
        case .costLimit, .stockLimit, .countManagementLimit: 5_000_000
        case .countFinanceLimit: 500_000
        case .stockAloneHours: 0
        case .currency: "CNY"
        case .baseURL: ""
        case .sessionHours: 12
        case .quietFrom: "22:00"
        case .quietTo: "07:00"
        }
    }

    /// The value as it is kept; refuses what makes no sense.
    func checked(_ value: JSON) throws -> JSON {
        func refuse(_ code: String) -> Failure { .invalid("value", code) }
        switch self {
        case .houseName:
            guard let zh = value["zh"]?.string, let en = value["en"]?.string else {
                throw refuse("field.required")
            }
            let names = (try CleanText.line(zh, max: 60), try CleanText.line(en, max: 60))
            guard !names.0.isEmpty, !names.1.isEmpty else { throw refuse("field.required") }
            return .make(["zh": .string(names.0), "en": .string(names.1)])
        case .houseTimeZone:
            guard let zone = value.string, Zone(zone) != nil else { throw refuse("field.not_a_zone") }
            return value
        case .fourEyes:
            guard let text = value.string, FourEyes(rawValue: text) != nil else {
                throw refuse("field.not_a_choice")
            }
            return value
        case .costLimit, .stockLimit, .countFinanceLimit, .countManagementLimit:
            guard let limit = value.int else { throw refuse("field.not_a_number") }
            guard (0...1_000_000_000_000).contains(limit) else {
                throw Failure.invalid(
                    "value", "field.out_of_range", ["min": "0", "max": "1000000000000"])
            }
            return value
        case .currency:
            guard let text = value.string, text.utf8.count == 3,
                text.utf8.allSatisfy({ (0x41...0x5A).contains($0) })
            else { throw refuse("setting.currency") }
            return value
        case .baseURL:
            guard let text = value.string, text.isEmpty || HouseSetting.isBaseURL(text) else {
                throw refuse("setting.base_url")
            }
            return .string(text.hasSuffix("/") ? String(text.dropLast()) : text)
        case .sessionHours, .stockAloneHours:
            guard let hours = value.int else { throw refuse("field.not_a_number") }
            let allowed: ClosedRange<Int64> = self == .sessionHours ? 1...720 : 0...720
            guard allowed.contains(hours) else {
                throw Failure.invalid(
                    "value", "field.out_of_range", ["min": String(allowed.lowerBound), "max": "720"])
            }
            return value
        case .quietFrom, .quietTo:
            guard let text = value.string, text.isEmpty || HouseSetting.minuteOfDay(text) != nil else {
                throw refuse("setting.time_of_day")
            }
            return value
        }
    }

    /// Minutes from midnight of `HH:MM`; nil for anything else.
    public static func minuteOfDay(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 60 + minute
    }

    private static func isBaseURL(_ text: String) -> Bool {
        let scheme = ["https://", "http://"].first { text.hasPrefix($0) }
        guard let scheme, text.utf8.count <= 200 else { return false }
        let rest = text.dropFirst(scheme.count)
        return !rest.isEmpty
            && rest.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || "-._:/[]~".utf8.contains($0)
            }
    }
}

/// Whether a step may be taken by its own author where nobody else can.
public enum FourEyes: String, Sendable, CaseIterable {
    case strict
    case whenPossible = "when_possible"
}

/// One version of a setting.
public struct SettingVersion: Sendable {
    public var name: String
    public var version: Int64
    public var value: JSON
    public var effectiveFrom: Instant
    public var createdAt: Instant
    public var createdBy: AccountID?
}

/// The house's settings, by name and time.
public enum Settings {
    /// The value in force at a time: the newest version that had taken effect; nil where there is none.
    public static func current(_ name: String, at: Instant, _ tx: Transaction) throws -> JSON? {
        try tx.first(
            """
            select value from setting where name = \(name) and effective_from <= \(at)
            order by version desc limit 1
            """
        ) { $0.json() }
    }

    public static func current(_ setting: HouseSetting, at: Instant, _ tx: Transaction) throws -> JSON {
        try current(setting.rawValue, at: at, tx) ?? setting.standard
    }

    public static func fourEyes(_ tx: Transaction) throws -> FourEyes {
        FourEyes(rawValue: try current(.fourEyes, at: tx.now, tx).string ?? "") ?? .strict
    }

    /// The house's own currency (ISO 4217).
    public static func currency(_ tx: Transaction) throws -> String {
        try tx.kept("people.currency", of: source) {
            try current(.currency, at: tx.now, tx).string ?? "CNY"
        }
    }

    /// Where this house is reached; nil until an administrator says so. Never taken from a request.
    public static func baseURL(_ tx: Transaction) throws -> String? {
        let text = try current(.baseURL, at: tx.now, tx).string ?? ""
        return text.isEmpty ? nil : text
    }

    /// All versions of a setting, newest first.
    public static func versions(_ name: String, _ tx: Transaction) throws -> [SettingVersion] {
        try tx.rows("\(columns) where name = \(name) order by version desc limit 200", version)
    }

    static func newest(_ tx: Transaction) throws -> [String: SettingVersion] {
        let rows = try tx.rows(
            """
            \(columns) where version = (select max(n.version) from setting n where n.name = setting.name)
            """, version)
        return Dictionary(rows.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
    }

    /// A new version, recorded in the history of the setting. For values that an area has checked.
    @discardableResult
    public static func set(
        _ name: String, _ value: JSON, effectiveFrom: Instant? = nil, _ tx: Transaction
    ) throws -> Int64 {
        let last = try tx.first(
            "select version, value from setting where name = \(name) order by version desc limit 1"
        ) { ($0.int(), $0.json()) }
        let version = (last?.0 ?? 0) + 1
        let from = effectiveFrom ?? tx.now
        try tx.run(
            """
            insert into setting (name, version, value, effective_from, created_at, created_by)
            values (\(name), \(version), \(value.text), \(from), \(tx.now), \(tx.actor.id))
            """)
        try tx.record(
            Fact(
                "setting.changed", Subject("setting", name),
                data: .make([
                    "version": .int(version), "from": last?.1 ?? .null, "to": value,
                    "effective_from": .of(from),
                ])))
        return version
    }

    private static let columns: SQL =
        "select name, version, value, effective_from, created_at, created_by from setting"

    private static func version(_ r: inout Row) -> SettingVersion {
        SettingVersion(
            name: r.text(), version: r.int(), value: r.json(), effectiveFrom: r.instant(),
            createdAt: r.instant(), createdBy: r.idOrNil())
    }
}

extension Settings {
    /// Moves with every version of a setting that takes effect: one that takes effect later changes the
    /// count when its time has come.
    public static let source = KeptSource("settings") {
        "select count(*) from setting where effective_from <= \($0)"
    }
}

extension People {
    private struct HouseName: Sendable { var zh, en: String }

    /// The house's name as every page shows it: the version in force at this very transaction.
    public static func houseName(_ language: Language, _ tx: Transaction) throws -> String {
        let name = try tx.kept("people.house_name", of: Settings.source) {
            let value = try Settings.current(.houseName, at: tx.now, tx)
            return HouseName(zh: value["zh"]?.string ?? "Fettle", en: value["en"]?.string ?? "Fettle")
        }
        return language == .english ? name.en : name.zh
    }
}
