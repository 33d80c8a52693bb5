namespace MLNetRecExt;

/// <summary>What a trainer took in an experiment.</summary>
/// <param name="TuneSeconds">Wall time of the search over options; 0 where there was none.</param>
/// <param name="TrainSeconds">Wall time of one training with the chosen options.</param>
/// <param name="TrainCpuSeconds">Of that, seconds of all cores together.</param>
/// <param name="EstimatedMemory">Bytes that training takes beyond the interactions, by its estimate; 0: it has none.</param>
/// <param name="ListsPerSecond">Lists that the model gives in a second, on all threads of the experiment.</param>
/// <param name="ModelBytes">Size of the model's file, without the times of its card.</param>
public sealed record RunCost(
    double TuneSeconds, double TrainSeconds, double TrainCpuSeconds, long EstimatedMemory, double ListsPerSecond, long ModelBytes);
