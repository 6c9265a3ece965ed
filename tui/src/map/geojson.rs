//! Reads lines of streets from GeoJSON, feature by feature, without holding the document. Knows no grid and no file.

use super::streets::{Builder, Class, SEGMENTS_MAX, StreetsError};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Puts the lines of a `FeatureCollection` into the builder. Other geometries, and lines without a street's `highway`, are
/// passed over.
pub(super) fn read(text: &str, into: &mut Builder) -> Result<(), StreetsError> {
    let mut refused = None;
    let mut reader = serde_json::Deserializer::from_str(text);
    let collection = Collection {
        into,
        refused: &mut refused,
    };
    let outcome = collection.deserialize(&mut reader).and_then(|()| reader.end());
    match (refused, outcome) {
        (Some(refused), _) => Err(refused),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => Err(StreetsError::Syntax {
            line: error.line(),
            column: error.column(),
            reason: reason(&error),
        }),
    }
}

/// What serde says without its own mention of the place.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// The document; features go to the builder as they are read.
struct Collection<'a> {
    into: &'a mut Builder,
    refused: &'a mut Option<StreetsError>,
}

impl<'de> DeserializeSeed<'de> for Collection<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Collection<'_> {
    type Value = ();
    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("a FeatureCollection")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "features" {
                found = true;
                map.next_value_seed(Features {
                    into: self.into,
                    refused: self.refused,
                })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if found {
            Ok(())
        } else {
            Err(A::Error::custom("no `features`"))
        }
    }
}

/// The list of features.
struct Features<'a> {
    into: &'a mut Builder,
    refused: &'a mut Option<StreetsError>,
}

impl<'de> DeserializeSeed<'de> for Features<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_> {
    type Value = ();
    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("a list of features")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(feature) = list.next_element::<Feature>()? {
            number += 1;
            if let Err(refused) = take(&feature, number, self.into) {
                *self.refused = Some(refused);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

fn take(feature: &Feature, number: usize, into: &mut Builder) -> Result<(), StreetsError> {
    let Some(class) = feature.properties.highway.as_deref().and_then(Class::of_highway) else {
        return Ok(());
    };
    let lines = match &feature.geometry {
        Some(Geometry {
            kind,
            coordinates: Some(Nest::Line(line)),
        }) if kind == "LineString" => std::slice::from_ref(line),
        Some(Geometry {
            kind,
            coordinates: Some(Nest::Lines(lines)),
        }) if kind == "MultiLineString" => lines,
        _ => return Ok(()),
    };
    let properties = &feature.properties;
    let local = properties.name.as_deref().unwrap_or_default();
    let english = properties.english.as_deref().unwrap_or(local);
    let chinese = properties.chinese.as_deref().unwrap_or(local);
    let name = into.name(english, chinese);
    for line in lines {
        if into.segments + line.len() > SEGMENTS_MAX {
            return Err(StreetsError::TooMany { feature: number });
        }
        if line.iter().any(|[lon, lat]| !(lon.abs() <= 180.0 && lat.abs() <= 90.0)) {
            return Err(StreetsError::Place { feature: number });
        }
        let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
        let points: Vec<[i32; 2]> = line.iter().map(|at| at.map(e7)).collect();
        into.line(class, name, &points);
    }
    Ok(())
}

/// What is asked of a feature.
#[derive(serde::Deserialize)]
struct Feature {
    geometry: Option<Geometry>,
    #[serde(default, deserialize_with = "or_default")]
    properties: Properties,
}

/// A property that is null counts as absent.
fn or_default<'de, D: Deserializer<'de>>(reader: D) -> Result<Properties, D::Error> {
    let given: Option<Properties> = serde::Deserialize::deserialize(reader)?;
    Ok(given.unwrap_or_default())
}

#[derive(Default, serde::Deserialize)]
struct Properties {
    highway: Option<String>,
    name: Option<String>,
    #[serde(rename = "name:en")]
    english: Option<String>,
    #[serde(rename = "name:zh")]
    chinese: Option<String>,
}

#[derive(serde::Deserialize)]
struct Geometry {
    #[serde(rename = "type")]
    kind: String,
    coordinates: Option<Nest>,
}

/// Coordinates of any geometry, as deep as lists of lines.
enum Nest {
    Number(f64),
    Place([f64; 2]),
    Line(Vec<[f64; 2]>),
    Lines(Vec<Vec<[f64; 2]>>),
    Deeper,
}

impl<'de> serde::Deserialize<'de> for Nest {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(NestVisitor)
    }
}

struct NestVisitor;

impl<'de> Visitor<'de> for NestVisitor {
    type Value = Nest;
    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("coordinates")
    }
    fn visit_f64<E>(self, value: f64) -> Result<Nest, E> {
        Ok(Nest::Number(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Nest, E> {
        Ok(Nest::Number(value as f64))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Nest, E> {
        Ok(Nest::Number(value as f64))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Nest, A::Error> {
        let uneven = || A::Error::custom("coordinates of different depth");
        let mut nest = match list.next_element::<Nest>()? {
            None => return Ok(Nest::Line(Vec::new())),
            Some(Nest::Number(lon)) => {
                let Some(Nest::Number(lat)) = list.next_element()? else {
                    return Err(A::Error::custom("a place without its latitude"));
                };
                Nest::Place([lon, lat])
            }
            Some(Nest::Place(place)) => Nest::Line(vec![place]),
            Some(Nest::Line(line)) => Nest::Lines(vec![line]),
            Some(Nest::Lines(_) | Nest::Deeper) => Nest::Deeper,
        };
        while let Some(next) = list.next_element::<Nest>()? {
            match (&mut nest, next) {
                // A height, which a map does not show.
                (Nest::Place(_), Nest::Number(_)) | (Nest::Deeper, _) => {}
                (Nest::Line(line), Nest::Place(place)) => line.push(place),
                (Nest::Lines(lines), Nest::Line(line)) => lines.push(line),
                _ => return Err(uneven()),
            }
        }
        Ok(nest)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::super::streets::Streets;
    use super::*;
    use doorstep_domain::words::Lang;

    fn feature(properties: &str, geometry: &str) -> String {
        format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
    }

    fn collection(features: &[String]) -> String {
        format!(
            r#"{{"type":"FeatureCollection","name":"x","features":[{}]}}"#,
            features.join(",")
        )
    }

    const LINE: &str = r#"{"type":"LineString","coordinates":[[119.95,30.05],[119.951,30.05,4.5],[120,31]]}"#;

    #[test]
    fn lines_with_a_highway_are_read_and_others_passed_over() {
        let lines = r#"{"coordinates":[[[1,2],[1.5,2]],[[3,4],[3,5]]],"type":"MultiLineString"}"#;
        let area = r#"{"type":"Polygon","coordinates":[[[1,2],[1.5,2],[1,2]]]}"#;
        let text = collection(&[
            feature(
                r#"{"highway":"residential","name":"磨坊巷","name:en":"Mill\u001b[2J Lane"}"#,
                LINE,
            ),
            feature(r#"{"highway":"primary_link","oneway":true}"#, lines),
            feature(r#"{"highway":"pedestrian"}"#, area),
            feature(r#"{"highway":"bus_stop"}"#, r#"{"type":"Point","coordinates":[1,2]}"#),
            feature("null", LINE),
            feature("{}", "null"),
        ]);
        let streets = Streets::from_geojson(&text).unwrap();
        assert_eq!((streets.segments(), streets.names(), streets.credited()), (4, 1, true));
        assert_eq!(streets.name(1, Lang::En), Some("Mill[2J Lane"));
        assert_eq!(streets.name(1, Lang::Zh), Some("磨坊巷"));
        let [low, high] = streets.corners().unwrap();
        assert_eq!((low.lat_e7(), high.lon_e7()), (20_000_000, 1_200_000_000));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let refused = |text: &str| Streets::from_geojson(text).unwrap_err();
        let street = r#"{"highway":"service"}"#;
        let far = r#"{"type":"LineString","coordinates":[[10,20],[30.05,119.95]]}"#;
        let placed = collection(&[feature(street, LINE), feature(street, far)]);
        assert_eq!(refused(&placed), StreetsError::Place { feature: 2 });
        assert_eq!(refused(&collection(&[feature("{}", LINE)])), StreetsError::Nothing);
        let broken = refused("{\"features\":\n[}");
        assert!(
            matches!(broken, StreetsError::Syntax { line: 2, column: 2, .. }),
            "{broken}"
        );
        assert!(refused("{}").to_string().contains("no `features`"));
        let uneven = r#"{"type":"LineString","coordinates":[[1,2],3]}"#;
        let uneven = refused(&collection(&[feature(street, uneven)]));
        assert_eq!(uneven.code(), "streets-syntax");
        for lang in [Lang::En, Lang::Zh] {
            assert!(uneven.sentence(lang).contains("GeoJSON"), "{}", uneven.sentence(lang));
        }
    }
}
