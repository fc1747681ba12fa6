//! A definition as its rules need it: fields with what they take, read from the JSON once.
//! Must not know: objects, and whether the JSON obeys the rules for definitions.

use serde_json::{Map, Value};

/// What a field holds, by its JSON schema and its `inputType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Number,
    Boolean,
    Texts,
    Relations,
    Objects,
    Geo,
    Block,
    /// Anything that only internal types have.
    Free,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub name: String,
    pub input: String,
    pub holds: Holds,
    pub required: bool,
    pub unique: bool,
    pub title_part: bool,
    pub least_items: u64,
    pub least_length: u64,
    pub most_length: Option<u64>,
    /// For relations: the only type that is allowed; empty for any.
    pub target: String,
    pub many: bool,
    /// Empty where every text is allowed.
    pub options: Vec<String>,
    /// Of the members of a nested list.
    pub fields: Vec<Field>,
}

impl Field {
    pub fn is_date(&self) -> bool {
        self.input == "dateTime"
    }
}

/// All fields in the order of the form, then those that the form does not show.
pub(super) fn fields(definition: &Map<String, Value>) -> Vec<Field> {
    let own = own_schema(definition);
    let required = &definition_at(definition, "schemaDefinition")["required"];
    let meta = definition_at(definition, "metaDefinition");
    fields_of(&own["properties"], required, meta)
}

/// The second member of `allOf`: the properties of this very type.
pub(super) fn own_schema(definition: &Map<String, Value>) -> &Value {
    &definition_at(definition, "schemaDefinition")["allOf"][1]
}

fn definition_at<'a>(definition: &'a Map<String, Value>, key: &str) -> &'a Value {
    definition.get(key).unwrap_or(&Value::Null)
}

fn fields_of(properties: &Value, required: &Value, meta: &Value) -> Vec<Field> {
    let Some(properties) = properties.as_object() else { return Vec::new() };
    let shown = meta["order"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let hidden = properties.keys().map(String::as_str);
    let mut fields: Vec<Field> = Vec::new();
    for name in shown.chain(hidden) {
        if let Some(schema) = properties.get(name)
            && !fields.iter().any(|field| field.name == name)
        {
            let config = &meta["propertiesConfig"][name];
            fields.push(field(name, schema, config, contains(required, name)));
        }
    }
    fields
}

fn field(name: &str, schema: &Value, config: &Value, required: bool) -> Field {
    let holds = holds(schema, config);
    let items = &schema["items"];
    Field {
        name: name.to_owned(),
        input: config["inputType"].as_str().unwrap_or_default().to_owned(),
        holds,
        required,
        unique: config["unique"] == true,
        title_part: config["isTitlePart"] == true,
        least_items: schema["minItems"].as_u64().unwrap_or_default(),
        least_length: schema["minLength"].as_u64().unwrap_or_default(),
        most_length: schema["maxLength"].as_u64(),
        target: config["validation"]["relationContenttype"].as_str().unwrap_or_default().to_owned(),
        many: config["validation"]["relationMultiple"] == true,
        options: options(config),
        fields: match holds {
            Holds::Objects => fields_of(&items["properties"], &items["required"], &config["items"]),
            _ => Vec::new(),
        },
    }
}

fn holds(schema: &Value, config: &Value) -> Holds {
    let items = &schema["items"];
    match (schema["type"].as_str(), config["inputType"].as_str()) {
        (Some("string"), _) => Holds::Text,
        (Some("number" | "integer"), _) => Holds::Number,
        (Some("boolean"), _) => Holds::Boolean,
        (Some("array"), _) if items["$ref"].as_str().is_some_and(|to| to.ends_with("/DataSource")) => Holds::Relations,
        (Some("array"), _) if items["type"] == "string" => Holds::Texts,
        (Some("array"), _) if items["type"] == "object" => Holds::Objects,
        (Some("object"), Some("geo")) => Holds::Geo,
        (Some("object"), Some("block")) => Holds::Block,
        _ => Holds::Free,
    }
}

fn options(config: &Value) -> Vec<String> {
    let labelled = config["useOptionsWithLabels"] == true;
    let list = if labelled { &config["optionsWithLabels"] } else { &config["options"] };
    let value = |option: &Value| if labelled { option["value"].as_str() } else { option.as_str() }.map(str::to_owned);
    list.as_array().into_iter().flatten().filter_map(value).collect()
}

fn contains(list: &Value, name: &str) -> bool {
    list.as_array().into_iter().flatten().any(|entry| entry == name)
}
