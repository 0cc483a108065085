/**
 * The owner's agent. Starting points: {@link dev.strongroom.agent.AgentCommand} for the process,
 * {@code PartDesk} for what it decides, {@code DecisionLog} for what it remembers.
 */
@NullMarked
package dev.strongroom.agent;

import org.jspecify.annotations.NullMarked;
