//! Draws the editor graph of a flow: one block after the other. The fields are those of the plugin SDK 1.0.5's types;
//! what stands in `config` is invented, since no public export is known.
//! Must not know: servers and stores.

use serde_json::{Value, json};

/// One block: its type and its configuration.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub kind: String,
    pub config: Value,
}

pub(super) fn nodes(blocks: &[Block]) -> Value {
    blocks.iter().enumerate().map(|(index, block)| node(index, block)).collect()
}

fn node(index: usize, block: &Block) -> Value {
    let last_of_none = if index == 0 { json!("RECEIVER") } else { Value::Null };
    json!({
        "id": format!("n{}", index + 1), "type": block.kind, "width": 280, "height": 140,
        "position": { "x": 340 * index, "y": 0 }, "selected": false,
        "data": {
            "type": block.kind, "name": block.kind.to_lowercase(), "friendlyName": "", "special": last_of_none,
            "version": 1, "isValid": true, "group": "Core", "styleType": "STANDARD", "numInputs": u8::from(index > 0),
            "numOutputs": 1, "hasInternalOutputHandles": false, "hasInternalInputHandles": false,
            "config": block.config,
        },
    })
}

pub(super) fn edges(blocks: usize) -> Value {
    let edge = |index: usize| {
        json!({
            "id": format!("e{index}"), "source": format!("n{index}"), "target": format!("n{}", index + 1),
            "sourceHandle": "o0", "targetHandle": "i0",
        })
    };
    (1..blocks).map(edge).collect()
}

/// What tells one flow from another, beside its graph.
#[derive(Clone, Debug)]
pub(super) struct FlowParts<'a> {
    pub uuid: &'a str,
    pub name: &'a str,
    pub queue: &'a str,
    pub info: &'a str,
    pub tags: &'a Value,
    pub timeout: u64,
    pub is_subflow: bool,
    pub is_commander: bool,
    pub is_locked: bool,
    pub created: &'a str,
    pub updated: &'a str,
}

/// A `Flow` with all fields that its OpenAPI type requires.
pub(super) fn flow(parts: &FlowParts<'_>, blocks: &[Block]) -> Value {
    json!({
        "tenantId": super::state::SOLO, "uuid": parts.uuid, "queueUuid": parts.queue, "nodes": nodes(blocks),
        "edges": edges(blocks.len()), "viewport": { "x": 0, "y": 0, "zoom": 1 }, "info": parts.info,
        "executionHistoryLevel": "USE_DEFAULT", "executionHistoryMins": 0, "isValid": true, "name": parts.name,
        "listenerType": "REST", "numBlocks": blocks.len(), "tags": parts.tags, "isSubflow": parts.is_subflow,
        "isCommander": parts.is_commander, "timeout": parts.timeout, "createdAt": parts.created,
        "updatedAt": parts.updated, "isDeleted": false, "isLocked": parts.is_locked,
    })
}
