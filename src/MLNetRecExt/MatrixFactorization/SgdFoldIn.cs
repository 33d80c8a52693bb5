using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>Embeds a history by stochastic gradient steps on the query's row alone: items are copied before each step, and the copies dropped.</summary>
internal sealed unsafe class SgdFoldIn(FactorModel model, SgdSettings settings)
{
    private const int Passes = 30;

    private readonly ItemSampler _sampler = new(model.ItemCountArray, settings.Negatives);

    /// <summary>Sets <paramref name="embedding"/> to what scores the items for a query: zeros when nothing is known about it.</summary>
    public void Solve(RecommenderQuery query, Span<float> embedding)
    {
        var history = new JoinedHistory(model, query);
        embedding.Clear();
        if (history.Items.Length == 0)
            return;
        var rank = model.ApproximationRank;
        var rows = new AlignedMatrix(3, rank);
        var states = new AlignedMatrix(3, SgdKernels.StateSize);
        var kernels = SgdKernels.For(rows.Stride);
        float* p = rows.Pointer, q = p + rows.Stride, r = q + rows.Stride;
        float* pState = states.Pointer, qState = pState + states.Stride, rState = qState + states.Stride;
        states[0][..SgdKernels.Bias].Fill(1);
        var random = new SeededRandom(settings.Seed);
        fixed (float* labels = history.Labels, weights = history.Weights)
        {
            for (int pass = 0; pass < Passes; pass++)
            {
                var stepper = new SgdStepper(kernels, settings, rank, pass);
                for (int e = 0; e < history.Items.Length; e++)
                {
                    Load(history.Items[e], 1);
                    if (settings.Loss == SgdLoss.SquaredError)
                    {
                        stepper.StepsToLabels(p, pState, q, qState, [0], labels + e, weights + e, model.Mean);
                        continue;
                    }
                    if (settings.Loss == SgdLoss.Logistic)
                        stepper.LogisticStep(p, pState, q, qState, isPositive: true, weights[e]);
                    for (int n = 0; n < settings.NumberOfNegatives; n++)
                    {
                        if (_sampler.DrawNegative(history.Items, 0, _sampler.Items.Length, ref random) is not { } negative)
                            break;
                        Load(negative, 2);
                        if (settings.Loss == SgdLoss.Logistic)
                        {
                            stepper.LogisticStep(p, pState, r, rState, isPositive: false, weights[e]);
                            continue;
                        }
                        Load(history.Items[e], 1);
                        stepper.PairStep(p, pState, q, qState, r, rState, weights[e]);
                    }
                }
            }
        }
        rows[0].CopyTo(embedding);
        if (model.HasBiases)
        {
            embedding[^2] = states[0][SgdKernels.Bias] + model.Mean;
            embedding[^1] = 1;
        }
        GC.KeepAlive(rows);
        GC.KeepAlive(states);

        void Load(int item, int row)
        {
            model.ItemFactors(item).CopyTo(rows[row]);
            states[row][..SgdKernels.Bias].Fill(1);
            states[row][SgdKernels.Bias] = model.ItemBias(item);
        }
    }
}
