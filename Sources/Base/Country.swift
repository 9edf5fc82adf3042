import Foundation

/// A country or region by its two letters (ISO 3166-1 alpha-2); its names come from the Unicode CLDR
/// that the Swift toolchain carries.
public struct Country: Sendable, Equatable {
    public let code: String

    /// Nil for what the standard does not list. Case does not matter.
    public init?(_ text: String) {
        let code = text.uppercased()
        guard Country.codes.contains(code) else { return nil }
        self.code = code
    }

    /// The name in a language; the letters where it has none.
    public func name(in language: Language) -> String { Country.names(language)[code] ?? code }

    /// All, by name: Chinese ones by their sound, as the language's own lists are sorted.
    public static func all(in language: Language) -> [(code: String, name: String)] {
        switch language {
        case .simplifiedChinese: simplified
        case .traditionalChinese: traditional
        case .english: english
        }
    }

    /// The name of what is kept as a country; a dash where nothing is.
    public static func shown(_ code: String?, in language: Language) -> String {
        guard let code else { return "–" }
        return Country(code)?.name(in: language) ?? code
    }

    private static let codes = Set(
        Locale.Region.isoRegions.map(\.identifier).filter {
            $0.utf8.count == 2 && $0.utf8.allSatisfy { $0 > 0x40 }
        })

    private static let simplified = sorted(.simplifiedChinese)
    private static let traditional = sorted(.traditionalChinese)
    private static let english = sorted(.english)
    private static let simplifiedNames = Dictionary(
        uniqueKeysWithValues: simplified.map { ($0.code, $0.name) })
    private static let traditionalNames = Dictionary(
        uniqueKeysWithValues: traditional.map { ($0.code, $0.name) })
    private static let englishNames = Dictionary(uniqueKeysWithValues: english.map { ($0.code, $0.name) })

    private static func names(_ language: Language) -> [String: String] {
        switch language {
        case .simplifiedChinese: simplifiedNames
        case .traditionalChinese: traditionalNames
        case .english: englishNames
        }
    }

    private static func sorted(_ language: Language) -> [(code: String, name: String)] {
        let locale = Locale(identifier: language.tag)
        return codes.compactMap { code in
            // The traditional list calls the country of most makers by a part of it.
            if code == "CN", language == .traditionalChinese { return (code, "中國") }
            return locale.localizedString(forRegionCode: code).map { (code, $0) }
        }
        .sorted { $0.1.compare($1.1, locale: locale) == .orderedAscending }
    }
}
